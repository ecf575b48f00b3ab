package org.etalon.benchmarks;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.etalon.benchmarks.Load.Kind;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferRequest;

/** Requests of {@code mlp} in files: the first rows of a data set in every form. */
final class Bodies {
  private final Path folder;
  private final Dataset data;

  Bodies(Path folder, Dataset data) {
    this.folder = folder;
    this.data = data;
  }

  Path folder() {
    return folder;
  }

  /** The file with a request of so many rows, written at first use. */
  Path file(Kind kind, int rows) throws IOException {
    Path file = folder.resolve(kind + "-" + rows);
    if (!Files.exists(file)) {
      Files.write(file, bytes(kind, rows));
    }
    return file;
  }

  private byte[] bytes(Kind kind, int rows) {
    return switch (kind) {
      case GRPC -> prefixed(message(rows).toByteArray());
      case SHARED_MEMORY -> prefixed(sharedMessage(rows).toByteArray());
      case JSON -> json(rows).getBytes(StandardCharsets.UTF_8);
      case BINARY_HTTP -> {
        byte[] head = binaryHead(rows).getBytes(StandardCharsets.UTF_8);
        byte[] raw = raw(rows);
        yield ByteBuffer.allocate(head.length + raw.length).put(head).put(raw).array();
      }
    };
  }

  private static byte[] prefixed(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  /**
   * A request whose tensors lie in the {@link SharedRegion}: {@link #raw} and behind it the answer.
   */
  private static ModelInferRequest sharedMessage(int rows) {
    int bytes = rows * Dataset.WIDTH * Float.BYTES;
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("mlp");
    request
        .addInputsBuilder()
        .setName("x")
        .setDatatype("FP32")
        .addShape(rows)
        .addShape(Dataset.WIDTH)
        .putAllParameters(place(0, bytes));
    request.addOutputsBuilder().setName("y").putAllParameters(place(bytes, rows * Float.BYTES));
    return request.build();
  }

  private static Map<String, InferParameter> place(int offset, int bytes) {
    return Map.of(
        "shared_memory_region",
        InferParameter.newBuilder().setStringParam(SharedRegion.NAME).build(),
        "shared_memory_offset",
        InferParameter.newBuilder().setInt64Param(offset).build(),
        "shared_memory_byte_size",
        InferParameter.newBuilder().setInt64Param(bytes).build());
  }

  ModelInferRequest message(int rows) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("mlp");
    request
        .addInputsBuilder()
        .setName("x")
        .setDatatype("FP32")
        .addShape(rows)
        .addShape(Dataset.WIDTH);
    return request.addRawInputContents(ByteString.copyFrom(raw(rows))).build();
  }

  /** The first rows as they lie in memory. */
  byte[] raw(int rows) {
    ByteBuffer raw =
        ByteBuffer.allocate(rows * Dataset.WIDTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(data.values(), 0, rows * Dataset.WIDTH);
    return raw.array();
  }

  private String json(int rows) {
    float[] values = Arrays.copyOf(data.values(), rows * Dataset.WIDTH);
    return """
    {"inputs":[{"name":"x","datatype":"FP32","shape":[%d,%d],"data":%s}]}\
    """
        .formatted(rows, Dataset.WIDTH, Arrays.toString(values));
  }

  int binaryHeadBytes(int rows) {
    return binaryHead(rows).length();
  }

  private static String binaryHead(int rows) {
    int bytes = rows * Dataset.WIDTH * Float.BYTES;
    return """
    {"inputs":[{"name":"x","datatype":"FP32","shape":[%d,%d],"parameters":{"binary_data_size":%d}}],\
    "outputs":[{"name":"y","parameters":{"binary_data":true}}]}\
    """
        .formatted(rows, Dataset.WIDTH, bytes);
  }
}
