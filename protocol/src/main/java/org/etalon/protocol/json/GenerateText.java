package org.etalon.protocol.json;

import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import tools.jackson.core.JsonGenerator;

/** Writes an answer in the form of the generate extension. */
public final class GenerateText {
  private GenerateText() {}

  /**
   * An object with a member for each output: its element if it has one alone, else a flat array.
   *
   * @param response borrowed until return
   * @return UTF-8 in one line
   * @throws ServingException INVALID_ARGUMENT if an output has elements that JSON cannot express
   */
  public static byte[] of(InferenceResponse response) {
    return JsonText.of(json -> write(json, response));
  }

  private static void write(JsonGenerator json, InferenceResponse response) {
    json.writeStartObject();
    response.id().ifPresent(id -> json.writeStringProperty("id", id));
    json.writeStringProperty("model_name", response.modelName());
    json.writeStringProperty("model_version", Long.toString(response.modelVersion()));
    if (!response.parameters().isEmpty()) {
      json.writeName("parameters");
      ParameterJson.write(json, response.parameters());
    }
    for (Tensor output : response.outputs()) {
      json.writeName(output.name());
      if (output.shape().elementCount() == 1) {
        ElementWriter.writeElements(json, output);
      } else {
        ElementWriter.write(json, output);
      }
    }
    json.writeEndObject();
  }
}
