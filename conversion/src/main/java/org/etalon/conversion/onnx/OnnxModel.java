package org.etalon.conversion.onnx;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A serialized model, with what {@code config.pbtxt} says of it. Immutable.
 *
 * @param isBatched whether the first extent of every input is that of the batch
 */
public record OnnxModel(ByteString bytes, Map<String, OnnxInput> inputs, boolean isBatched) {
  /** As many rows as the service takes where nothing is configured. */
  private static final int MAX_BATCH_SIZE = 256;

  public OnnxModel {
    inputs = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  public OnnxModel(byte[] bytes, Map<String, OnnxInput> inputs, boolean isBatched) {
    this(ByteString.copyFrom(bytes), inputs, isBatched);
  }

  /** Outputs are left to the model file. */
  public String config() {
    StringBuilder text = new StringBuilder("platform: \"onnxruntime_onnx\"\n");
    text.append("max_batch_size: %d\n".formatted(isBatched ? MAX_BATCH_SIZE : 0));
    inputs.forEach((name, input) ->
        text.append(
            "input { name: \"%s\" data_type: TYPE_%s dims: [ %s ] }\n"
                .formatted(
                    name.replace("\\", "\\\\").replace("\"", "\\\""),
                    input.type(),
                    input.dims().stream()
                        .skip(isBatched ? 1 : 0)
                        .map(String::valueOf)
                        .collect(Collectors.joining(", ")))));
    return text.toString();
  }

  /**
   * Writes {@code config.pbtxt} and {@code 1/model.onnx}.
   *
   * @throws IOException if it cannot, or the folder exists
   */
  public void write(Path folder) throws IOException {
    if (Files.exists(folder)) {
      throw new IOException(
          "%s: exists already (choose another name, or delete it)".formatted(folder));
    }
    Path version = Files.createDirectories(folder.resolve("1"));
    Files.write(version.resolve("model.onnx"), bytes.toByteArray());
    Files.writeString(folder.resolve("config.pbtxt"), config());
  }
}
