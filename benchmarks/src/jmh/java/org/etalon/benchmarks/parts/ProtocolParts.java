package org.etalon.benchmarks.parts;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.json.BinaryOutputs;
import org.etalon.protocol.json.DecodedRequest;
import org.etalon.protocol.json.JsonRequestDecoder;
import org.etalon.protocol.json.JsonResponseEncoder;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.etalon.protocol.wire.InferResponseEncoder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What reading a request and writing its answer takes: so many rows of 64 numbers, one each back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ProtocolParts {
  private static final int WIDTH = 64;

  @Param({"8", "64"})
  public int rows;

  private Arena arena = Arena.ofShared();
  private MemorySegment message = MemorySegment.NULL;
  private MemorySegment binary = MemorySegment.NULL;
  private MemorySegment json = MemorySegment.NULL;
  private int binaryHeadBytes;
  private InferenceResponse response = InferenceResponse.of("", 0, Optional.empty(), List.of());
  private ByteBuffer room = ByteBuffer.allocate(0);

  /** Makes the requests, and checks once that they are read. */
  @Setup(Level.Trial)
  public void make() {
    arena = Arena.ofShared();
    float[] values = new float[rows * WIDTH];
    Random random = new Random(20150914);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    message = offHeap(grpc(raw.array()));
    String head =
        """
        {"inputs":[{"name":"x","datatype":"FP32","shape":[%d,%d],"parameters":{"binary_data_size":%d}}]}\
        """
            .formatted(rows, WIDTH, raw.capacity());
    binaryHeadBytes = head.length();
    binary =
        offHeap(
            ByteBuffer.allocate(head.length() + raw.capacity())
                .put(head.getBytes(StandardCharsets.US_ASCII))
                .put(raw.array())
                .array());
    String text =
        """
        {"inputs":[{"name":"x","datatype":"FP32","shape":[%d,%d],"data":%s}]}\
        """
            .formatted(rows, WIDTH, Arrays.toString(values));
    json = offHeap(text.getBytes(StandardCharsets.US_ASCII));
    response =
        InferenceResponse.of(
            "mlp",
            1,
            Optional.empty(),
            List.of(Tensor.of("y", Shape.of(rows, 1), Arrays.copyOf(values, rows))));
    room = ByteBuffer.allocateDirect(1 << 16);
    if (readGrpc().inputs().size() != 1 || readJson().request().inputs().size() != 1) {
      throw new IllegalStateException("a request was not read");
    }
  }

  private byte[] grpc(byte[] raw) {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("mlp");
    request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(rows).addShape(WIDTH);
    return request
        .addRawInputContents(com.google.protobuf.ByteString.copyFrom(raw))
        .build()
        .toByteArray();
  }

  private MemorySegment offHeap(byte[] bytes) {
    return arena.allocate(bytes.length, 64).copyFrom(MemorySegment.ofArray(bytes));
  }

  /** A gRPC message; its tensor stays where it is. */
  @Benchmark
  public InferenceRequest readGrpc() {
    return InferRequestDecoder.decode(message);
  }

  /** JSON with the tensor's bytes behind it. */
  @Benchmark
  public DecodedRequest readBinary() {
    return JsonRequestDecoder.decode(ModelId.of("mlp"), binary, OptionalLong.of(binaryHeadBytes));
  }

  /** Numbers in JSON. */
  @Benchmark
  public DecodedRequest readJson() {
    return JsonRequestDecoder.decode(ModelId.of("mlp"), json, OptionalLong.empty());
  }

  /** An answer over gRPC. */
  @Benchmark
  public int writeGrpc() {
    EncodedMessage encoded = InferResponseEncoder.encode(response);
    room.clear();
    encoded.writeTo(room);
    return room.position();
  }

  /** An answer in JSON. */
  @Benchmark
  public int writeJson() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 12);
    JsonResponseEncoder.write(response, BinaryOutputs.NONE, out);
    return out.size();
  }

  /** Gives the requests' memory back. */
  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }
}
