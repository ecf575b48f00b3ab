package org.etalon.protocol.json;

import java.io.OutputStream;
import java.util.Map;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.SharedMemory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Writes the JSON of an inference response. The bytes of its binary outputs follow, in the order of
 * {@link InferenceResponse#outputs}: the caller copies them from the tensors' memory to where they
 * go.
 */
public final class JsonResponseEncoder {
  private JsonResponseEncoder() {}

  /** True if bytes follow the JSON, so that its length has to be told. */
  public static boolean hasBinary(InferenceResponse response, BinaryOutputs binary) {
    return hasBinary(response, binary, Map.of());
  }

  /**
   * The same where some outputs lie in shared memory.
   *
   * @param places of those, by their names
   */
  public static boolean hasBinary(
      InferenceResponse response, BinaryOutputs binary, Map<String, SharedMemory.Place> places) {
    for (Tensor output : response.outputs()) {
      if (binary.contains(output.name()) && !places.containsKey(output.name())) {
        return true;
      }
    }
    return false;
  }

  /**
   * @param response borrowed until return
   * @param out flushed into, not closed
   * @throws ServingException INVALID_ARGUMENT if an output has elements that JSON cannot express;
   *     what was written until then is to be thrown away
   */
  public static void write(InferenceResponse response, BinaryOutputs binary, OutputStream out) {
    write(response, binary, Map.of(), out);
  }

  /**
   * The same where some outputs lie in shared memory.
   *
   * @param places of those, by their names
   */
  public static void write(
      InferenceResponse response,
      BinaryOutputs binary,
      Map<String, SharedMemory.Place> places,
      OutputStream out) {
    JsonText.write(out, json -> write(response, binary, places, json));
  }

  private static void write(
      InferenceResponse response,
      BinaryOutputs binary,
      Map<String, SharedMemory.Place> places,
      JsonGenerator json) {
    json.writeStartObject();
    response.id().ifPresent(id -> json.writeStringProperty("id", id));
    json.writeStringProperty("model_name", response.modelName());
    json.writeStringProperty("model_version", Long.toString(response.modelVersion()));
    if (!response.parameters().isEmpty()) {
      json.writeName("parameters");
      ParameterJson.write(json, response.parameters());
    }
    json.writeArrayPropertyStart("outputs");
    for (Tensor output : response.outputs()) {
      writeOutput(json, output, binary.contains(output.name()), places.get(output.name()));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeOutput(
      JsonGenerator json, Tensor output, boolean isBinary, SharedMemory.@Nullable Place place) {
    json.writeStartObject();
    json.writeStringProperty("name", output.name());
    json.writeStringProperty("datatype", output.datatype().name());
    json.writeArrayPropertyStart("shape");
    for (int i = 0; i < output.shape().rank(); i++) {
      json.writeNumber(output.shape().dim(i));
    }
    json.writeEndArray();
    if (place != null) {
      json.writeName("parameters");
      ParameterJson.write(json, place.parameters());
    } else if (isBinary) {
      json.writeObjectPropertyStart("parameters");
      json.writeNumberProperty("binary_data_size", output.data().byteSize());
      json.writeEndObject();
    } else {
      json.writeName("data");
      ElementWriter.write(json, output);
    }
    json.writeEndObject();
  }
}
