package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.SharedMemory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads an inference request: a JSON document, and behind it the bytes of the inputs that carry
 * {@code binary_data_size}, in their order. Owned by one thread; start at {@link #decode}.
 *
 * <p>Tensors sent in binary are slices of the given memory; those in JSON lie on the heap. Members
 * may come in any order; one that is missing, unknown or there twice is refused, since a misspelt
 * {@code outputs} that is passed over costs somebody an afternoon.
 */
public final class JsonRequestDecoder {
  private static final String BINARY_DATA = "binary_data";
  private static final String BINARY_DATA_OUTPUT = "binary_data_output";

  private final String model;
  private final InferenceRequest.Builder request;
  private final MemorySegment header;
  private final BinaryInputs binaryInputs;
  private final JsonReader reader;
  private final Set<String> binaryNames = new HashSet<>(2);
  private boolean isBinaryByDefault;
  private boolean hasInputs;
  private boolean namesOutputs;

  private JsonRequestDecoder(
      ModelId model, MemorySegment header, BinaryInputs binaryInputs, JsonReader reader) {
    this.model = model.name();
    this.request = InferenceRequest.to(model);
    this.header = header;
    this.binaryInputs = binaryInputs;
    this.reader = reader;
  }

  /**
   * Reads a request to a model.
   *
   * @param body borrowed until the request is answered
   * @param headerLength bytes of JSON at the body's front, binary data following; empty: all of it
   * @param shared where inputs may lie
   * @throws ServingException INVALID_ARGUMENT that names the tensor and the place in the document;
   *     as {@link SharedMemory#piece} for inputs that lie there
   */
  public static DecodedRequest decode(
      ModelId model, MemorySegment body, OptionalLong headerLength, SharedMemory shared) {
    long length = headerLength.orElse(body.byteSize());
    if (length < 0 || length > body.byteSize()) {
      throw ServingException.invalid(
          "Inference-Header-Content-Length: %d (expected: at most the body's %d bytes)"
              .formatted(length, body.byteSize()));
    }
    MemorySegment header = body.asSlice(0, length);
    var binary = new BinaryInputs(body.asSlice(length), headerLength.isPresent(), shared);
    try (JsonReader reader = new JsonReader(header, "")) {
      return new JsonRequestDecoder(model, header, binary, reader).decode();
    } catch (JacksonException e) {
      throw JsonReader.malformed(e);
    }
  }

  /** The same where no memory is shared. */
  public static DecodedRequest decode(
      ModelId model, MemorySegment body, OptionalLong headerLength) {
    return decode(model, body, headerLength, SharedMemory.NONE);
  }

  /** The id of a request that {@link #decode} refused, as far as it can be read. */
  public static Optional<String> idOf(MemorySegment body, OptionalLong headerLength) {
    long length = Math.clamp(headerLength.orElse(body.byteSize()), 0, body.byteSize());
    try (JsonReader reader = new JsonReader(body.asSlice(0, length), "")) {
      reader.takeObjectStart();
      JsonParser parser = reader.parser();
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        if (name.equals("id")) {
          return Optional.ofNullable(reader.takeTextOrNull());
        }
        reader.next();
        parser.skipChildren();
      }
    } catch (JacksonException | ServingException refusedBefore) {
      // Nothing more can be read.
    }
    return Optional.empty();
  }

  private DecodedRequest decode() {
    reader.takeObjectStart();
    Set<String> seen = new HashSet<>(8);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      readMember(name);
    }
    reader.takeEnd();
    if (!hasInputs) {
      throw ServingException.invalid("request JSON at /: no member 'inputs' (expected: an array)");
    }
    binaryInputs.requireAllTaken();
    return new DecodedRequest(request.build(), binaryOutputs());
  }

  private BinaryOutputs binaryOutputs() {
    if (namesOutputs) {
      return binaryNames.isEmpty() ? BinaryOutputs.NONE : new BinaryOutputs(false, binaryNames);
    }
    return isBinaryByDefault ? BinaryOutputs.EVERY : BinaryOutputs.NONE;
  }

  private void readMember(String name) {
    switch (name) {
      case "id" -> readId();
      case "parameters" -> readParameters();
      case "inputs" -> readInputs();
      case "outputs" -> readOutputs();
      default ->
          throw reader.fault(
              "unknown member '%s' (expected: id, parameters, inputs or outputs)".formatted(name));
    }
  }

  private void readId() {
    String id = reader.takeTextOrNull();
    if (id != null && !id.isEmpty()) {
      request.id(id);
    }
  }

  private void readParameters() {
    Map<String, Parameter> parameters = ParameterJson.read(reader);
    isBinaryByDefault = takeFlag(parameters, BINARY_DATA_OUTPUT);
    ReservedParameters.take(parameters, request);
    request.parameters(parameters);
  }

  private void readInputs() {
    if (!reader.takeArrayStart()) {
      throw reader.wrongKind("an array");
    }
    hasInputs = true;
    List<Tensor> inputs = new ArrayList<>(2);
    Set<String> names = new HashSet<>(4);
    while (isObjectNext()) {
      Tensor input = InputReader.read(model, reader, header, binaryInputs);
      if (!names.add(input.name())) {
        throw reader.fault("input '%s' stands twice".formatted(input.name()));
      }
      inputs.add(input);
    }
    request.inputs(inputs);
  }

  private void readOutputs() {
    if (!reader.takeArrayStart()) {
      return;
    }
    Set<String> names = new HashSet<>(4);
    while (isObjectNext()) {
      RequestedOutput output = readOutput();
      if (!names.add(output.name())) {
        throw reader.fault("output '%s' stands twice".formatted(output.name()));
      }
      request.output(output);
      namesOutputs = true;
    }
  }

  private boolean isObjectNext() {
    JsonToken token = reader.next();
    if (token != JsonToken.START_OBJECT && token != JsonToken.END_ARRAY) {
      throw reader.wrongKind("an object");
    }
    return token == JsonToken.START_OBJECT;
  }

  private RequestedOutput readOutput() {
    String output = null;
    Map<String, Parameter> parameters = Map.of();
    Set<String> seen = new HashSet<>(4);
    for (String name = reader.nextMember(seen); name != null; name = reader.nextMember(seen)) {
      switch (name) {
        case "name" -> output = reader.takeText();
        case "parameters" -> parameters = ParameterJson.read(reader);
        default ->
            throw reader.fault(
                "unknown member '%s' of an output (expected: name, parameters)".formatted(name));
      }
    }
    String named = requirePresent(reader, output, "an output", "name");
    if (!parameters.isEmpty() && takeFlag(parameters, BINARY_DATA)) {
      binaryNames.add(named);
    }
    return new RequestedOutput(named, parameters);
  }

  static <T> T requirePresent(JsonReader reader, @Nullable T value, String of, String member) {
    if (value == null) {
      throw reader.fault("%s without member '%s'".formatted(of, member));
    }
    return value;
  }

  private static boolean takeFlag(Map<String, Parameter> parameters, String name) {
    return switch (parameters.remove(name)) {
      case Parameter.Bool(boolean value) -> value;
      case null -> false;
      default -> throw ReservedParameters.wrongKind(name, "true or false");
    };
  }
}
