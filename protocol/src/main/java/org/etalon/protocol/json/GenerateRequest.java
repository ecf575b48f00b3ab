package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;

/**
 * Reads a request of the generate extension: an object whose members are inputs by their names, an
 * {@code id}, {@code parameters}, and any others, which are parameters too. Owned by one thread;
 * start at {@link #decode}.
 */
public final class GenerateRequest {
  private final JsonReader reader;
  private final List<TensorMetadata> described;
  private final boolean isBatching;
  private final InferenceRequest.Builder request;
  private final Map<String, Parameter> parameters = new HashMap<>();

  private GenerateRequest(
      ModelId model, List<TensorMetadata> described, boolean isBatching, JsonReader reader) {
    this.reader = reader;
    this.described = described;
    this.isBatching = isBatching;
    this.request = InferenceRequest.to(model);
  }

  /**
   * Reads a request to a model. A value that is no array is one element; one that has fewer
   * dimensions than its input is filled up with 1, but for the innermost free one.
   *
   * @param inputs that the model takes
   * @param isBatching true if their first dimension is the batch, which is 1 where a value has none
   * @param body borrowed until return: the request's tensors lie on the heap
   * @throws ServingException INVALID_ARGUMENT that names the member and its place in the document
   */
  public static InferenceRequest decode(
      ModelId model, List<TensorMetadata> inputs, boolean isBatching, MemorySegment body) {
    try (JsonReader reader = new JsonReader(body, "")) {
      return new GenerateRequest(model, inputs, isBatching, reader).decode();
    } catch (JacksonException e) {
      throw JsonReader.malformed(e);
    }
  }

  private InferenceRequest decode() {
    reader.takeObjectStart();
    Set<String> seen = new HashSet<>(8);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      readMember(name);
    }
    reader.takeEnd();
    ReservedParameters.take(parameters, request);
    return request.parameters(parameters).build();
  }

  private void readMember(String name) {
    for (TensorMetadata input : described) {
      if (input.name().equals(name)) {
        Tensor tensor = ElementReader.readUnshaped(reader, input, isBatching);
        request.input(tensor);
        return;
      }
    }
    switch (name) {
      case "id" -> readId();
      case "parameters" -> ParameterJson.read(reader).forEach(this::put);
      default -> readParameter(name);
    }
  }

  private void readId() {
    String id = reader.takeTextOrNull();
    if (id != null && !id.isEmpty()) {
      request.id(id);
    }
  }

  private void readParameter(String name) {
    JsonToken token = reader.next();
    if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
      throw reader.fault(
          "member '%s' is neither an input (%s) nor a parameter (expected: a boolean, a number or a text)"
              .formatted(name, described.stream().map(TensorMetadata::name).toList()));
    }
    put(name, ParameterJson.value(reader, token));
  }

  private void put(String name, Parameter value) {
    if (parameters.put(name, value) != null) {
      throw reader.fault("parameter '%s' stands twice".formatted(name));
    }
  }
}
