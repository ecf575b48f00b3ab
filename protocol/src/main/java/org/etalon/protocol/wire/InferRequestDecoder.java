package org.etalon.protocol.wire;

import static org.etalon.protocol.wire.WireReader.LENGTH_DELIMITED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;

/**
 * Reads a {@code ModelInferRequest} in place: raw inputs become slices of the message's memory,
 * which therefore has to outlive the request; typed contents are copied to the heap.
 */
public final class InferRequestDecoder {
  private static final int MODEL_NAME = 1 << 3 | LENGTH_DELIMITED;
  private static final int MODEL_VERSION = 2 << 3 | LENGTH_DELIMITED;
  private static final int ID = 3 << 3 | LENGTH_DELIMITED;
  private static final int PARAMETER = 4 << 3 | LENGTH_DELIMITED;
  private static final int INPUT = 5 << 3 | LENGTH_DELIMITED;
  private static final int OUTPUT = 6 << 3 | LENGTH_DELIMITED;
  private static final int RAW_INPUT = 7 << 3 | LENGTH_DELIMITED;

  private static final int OUTPUT_NAME = 1 << 3 | LENGTH_DELIMITED;
  private static final int OUTPUT_PARAMETER = 2 << 3 | LENGTH_DELIMITED;

  /** Bounds what a message of many empty parts costs in objects. */
  private static final int MAX_PARTS = 1 << 16;

  private final WireReader reader;
  private int parts;
  private String modelName = "";
  private String modelVersion = "";
  private String id = "";
  private final ParameterMap parameters = new ParameterMap();
  private final List<TensorDraft> inputs = new ArrayList<>(2);
  private final List<RequestedOutput> outputs = new ArrayList<>(0);
  private final List<MemorySegment> raws = new ArrayList<>(2);

  private final SharedMemory shared;

  private InferRequestDecoder(MemorySegment message, SharedMemory shared) {
    this.shared = shared;
    this.reader = new WireReader(message);
  }

  /**
   * The request that a message holds.
   *
   * @param message borrowed as long as the request is in use
   * @param shared where inputs may lie
   * @throws ServingException INVALID_ARGUMENT if it is not a protobuf message of that type or not a
   *     consistent request; as {@link SharedMemory#piece} for inputs that lie there
   */
  public static InferenceRequest decode(MemorySegment message, SharedMemory shared) {
    InferRequestDecoder decoder = new InferRequestDecoder(message, shared);
    decoder.readMessage();
    return decoder.request();
  }

  /** The same where no memory is shared. */
  public static InferenceRequest decode(MemorySegment message) {
    return decode(message, SharedMemory.NONE);
  }

  /** The id of a message that {@link #decode} refused, as far as it can be read. */
  public static Optional<String> idOf(MemorySegment message) {
    InferRequestDecoder decoder = new InferRequestDecoder(message, SharedMemory.NONE);
    try {
      decoder.readMessage();
    } catch (ServingException refusedBefore) {
      // What was read until the fault may have held the id.
    }
    return decoder.optionalId();
  }

  private void readMessage() {
    while (reader.hasMore()) {
      int tag = reader.readTag();
      switch (tag) {
        case MODEL_NAME -> modelName = reader.readString();
        case MODEL_VERSION -> modelVersion = reader.readString();
        case ID -> id = reader.readString();
        case PARAMETER -> readParameter();
        case INPUT -> readInput();
        case OUTPUT -> readOutput();
        case RAW_INPUT -> readRaw();
        default -> reader.skip(tag);
      }
    }
  }

  private void readParameter() {
    countPart();
    parameters.readEntry(reader);
  }

  private void readInput() {
    countPart();
    inputs.add(TensorDraft.read(reader));
  }

  private void readRaw() {
    countPart();
    raws.add(reader.readBytes());
  }

  private void readOutput() {
    countPart();
    String name = "";
    ParameterMap wishes = new ParameterMap();
    long outer = reader.enter();
    while (reader.hasMore()) {
      int tag = reader.readTag();
      switch (tag) {
        case OUTPUT_NAME -> name = reader.readString();
        case OUTPUT_PARAMETER -> wishes.readEntry(reader);
        default -> reader.skip(tag);
      }
    }
    reader.leave(outer);
    outputs.add(new RequestedOutput(name, wishes.toMap()));
  }

  private void countPart() {
    if (++parts > MAX_PARTS) {
      throw ServingException.invalid(
          "the request has more than %d inputs, outputs and parameters".formatted(MAX_PARTS));
    }
  }

  private InferenceRequest request() {
    InferenceRequest.Builder request = InferenceRequest.to(modelId());
    optionalId().ifPresent(request::id);
    Map<String, Parameter> given = parameters.toMap();
    if (!given.isEmpty()) {
      ReservedParameters.apply(given, request);
    }
    addInputs(request);
    for (RequestedOutput output : outputs) {
      request.output(output);
    }
    return request.build();
  }

  private ModelId modelId() {
    if (modelName.isEmpty()) {
      throw ServingException.invalid("model name cannot be empty");
    }
    OptionalLong version = ModelVersionText.parse(modelVersion);
    return new ModelId(modelName, version);
  }

  private Optional<String> optionalId() {
    return id.isEmpty() ? Optional.empty() : Optional.of(id);
  }

  private void addInputs(InferenceRequest.Builder request) {
    int raw = 0;
    for (int i = 0; i < inputs.size(); i++) {
      TensorDraft input = inputs.get(i);
      SharedMemory.Place place = input.place(modelName);
      if (place != null) {
        request.input(input.overRaw(shared.piece(place), modelName));
      } else if (raws.isEmpty()) {
        request.input(input.overContents(modelName));
      } else {
        request.input(input.overRaw(nextRaw(input, raw++), modelName));
      }
    }
    if (raw != raws.size()) {
      throw countMismatch();
    }
  }

  /** Raw contents are given for all inputs that lie in the message, or for none. */
  private MemorySegment nextRaw(TensorDraft input, int index) {
    if (input.hasContents()) {
      throw ServingException.invalid(
          "contents field must not be specified when using raw_input_contents for '%s' for model '%s'"
              .formatted(input.name(), modelName));
    }
    if (index >= raws.size()) {
      throw countMismatch();
    }
    return raws.get(index);
  }

  private ServingException countMismatch() {
    return ServingException.invalid(
        "%d raw_input_contents given for %d inputs of a request for model '%s' (expected: one for each input)"
            .formatted(raws.size(), inputs.size(), modelName));
  }
}
