package org.etalon.protocol.json;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Parameter;
import org.etalon.inference.TensorMetadata;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/** Writes the protocol's smaller JSON documents. */
public final class JsonText {
  private JsonText() {}

  /** The document that {@code body} writes, in UTF-8. */
  public static byte[] of(Consumer<JsonGenerator> body) {
    var out = new ByteArrayOutputStream();
    write(out, body);
    return out.toByteArray();
  }

  /** {@code {"error":"message"}}. */
  public static byte[] error(String message) {
    return of(json -> {
      json.writeStartObject();
      json.writeStringProperty("error", message);
      json.writeEndObject();
    });
  }

  /** An object of these values, in their order. */
  public static byte[] parameters(SequencedMap<String, Parameter> values) {
    return of(json -> {
      json.writeStartObject();
      values.forEach((name, value) -> {
        json.writeName(name);
        ParameterJson.writeValue(json, value);
      });
      json.writeEndObject();
    });
  }

  /** What a model takes and gives. */
  public static byte[] metadata(ModelMetadata model) {
    return of(json -> {
      json.writeStartObject();
      json.writeStringProperty("name", model.name());
      json.writeArrayPropertyStart("versions");
      model.versions().forEach(version -> json.writeString(Long.toString(version)));
      json.writeEndArray();
      json.writeStringProperty("platform", model.platform());
      writeTensors(json, "inputs", model.inputs());
      writeTensors(json, "outputs", model.outputs());
      json.writeEndObject();
    });
  }

  private static void writeTensors(JsonGenerator json, String name, List<TensorMetadata> tensors) {
    json.writeArrayPropertyStart(name);
    for (TensorMetadata tensor : tensors) {
      json.writeStartObject();
      json.writeStringProperty("name", tensor.name());
      json.writeStringProperty("datatype", tensor.datatype().name());
      json.writeArrayPropertyStart("shape");
      tensor.shape().forEach(json::writeNumber);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /**
   * Writes a document.
   *
   * @param out flushed into, not closed
   * @param body what it throws passes through, the document unfinished
   */
  static void write(OutputStream out, Consumer<JsonGenerator> body) {
    JsonGenerator json = JsonFormat.FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    try (json) {
      body.accept(json);
    }
  }
}
