package org.etalon.server.internal;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.Engine;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.SharedMemory;
import org.jspecify.annotations.Nullable;

/**
 * How a request wants its outputs: as classes, in shared memory. Made before the request is given
 * to the engine, so that what cannot be granted is refused before the model runs. Immutable.
 */
public final class OutputWishes {
  private static final String CLASSIFICATION = "classification";
  private static final OutputWishes NONE = new OutputWishes(Map.of(), Map.of(), Map.of(), null);

  private final Map<String, Integer> classes;
  private final Map<String, SharedMemory.Place> places;
  private final Map<String, MemorySegment> memory;
  private final @Nullable Engine engine;

  private OutputWishes(
      Map<String, Integer> classes,
      Map<String, SharedMemory.Place> places,
      Map<String, MemorySegment> memory,
      @Nullable Engine engine) {
    this.classes = Map.copyOf(classes);
    this.places = Map.copyOf(places);
    this.memory = Map.copyOf(memory);
    this.engine = engine;
  }

  /** Nothing but the outputs in the answer. */
  public static OutputWishes none() {
    return NONE;
  }

  /**
   * What the request's outputs ask for.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not said rightly; as {@link
   *     SharedMemory#piece} if an output has no place
   */
  public static OutputWishes of(InferenceRequest request, SharedMemory shared, Engine engine) {
    if (request.outputs().isEmpty()) {
      return NONE;
    }
    Map<String, Integer> classes = new HashMap<>(2);
    Map<String, SharedMemory.Place> places = new HashMap<>(2);
    Map<String, MemorySegment> memory = new HashMap<>(2);
    for (RequestedOutput output : request.outputs()) {
      if (output.parameters().isEmpty()) {
        continue;
      }
      String tensor = "output '" + output.name() + "'";
      Parameter count = output.parameters().get(CLASSIFICATION);
      if (count != null) {
        classes.put(output.name(), count(tensor, count));
      }
      SharedMemory.Place place = SharedMemory.Place.of(output.parameters(), tensor);
      if (place != null) {
        places.put(output.name(), place);
        memory.put(output.name(), shared.piece(place));
      }
    }
    return classes.isEmpty() && places.isEmpty()
        ? NONE
        : new OutputWishes(classes, places, memory, engine);
  }

  private static int count(String tensor, Parameter count) {
    long wanted =
        switch (count) {
          case Parameter.Int64(long value) -> value;
          case Parameter.Uint64(long value) -> value;
          default -> 0;
        };
    if (wanted < 1) {
      throw ServingException.invalid(
          "%s: parameter '%s' (expected: how many classes, from 1)"
              .formatted(tensor, CLASSIFICATION));
    }
    return (int) Math.min(wanted, Integer.MAX_VALUE);
  }

  /** The outputs that lie in shared memory once {@link #grant} has returned. */
  public Map<String, SharedMemory.Place> places() {
    return places;
  }

  /**
   * The response as wanted, which takes the given one's place.
   *
   * @throws ServingException if an output cannot be had as classes or has no room in its region;
   *     the caller closes the given one
   */
  public InferenceResponse grant(InferenceResponse response) {
    if (engine == null || response.outputs().isEmpty()) {
      return response;
    }
    List<Tensor> outputs = new ArrayList<>(response.outputs().size());
    for (Tensor output : response.outputs()) {
      Tensor wanted = output;
      Integer count = classes.get(output.name());
      if (count != null) {
        wanted = Classification.of(output, count, isBatching(response), labels(response, output));
      }
      place(wanted);
      outputs.add(wanted);
    }
    return new InferenceResponse(
        response.modelName(),
        response.modelVersion(),
        response.id(),
        outputs,
        response.parameters(),
        response::close);
  }

  private boolean isBatching(InferenceResponse response) {
    return engine != null && engine.isBatching(response.modelName(), response.modelVersion());
  }

  private List<String> labels(InferenceResponse response, Tensor output) {
    return engine == null
        ? List.of()
        : engine.labels(response.modelName(), response.modelVersion(), output.name());
  }

  private void place(Tensor output) {
    MemorySegment room = memory.get(output.name());
    if (room == null) {
      return;
    }
    long bytes = output.data().byteSize();
    if (bytes > room.byteSize()) {
      throw new ServingException(
          ErrorCode.INTERNAL,
          "shared memory size specified with the request for output '%s' (%d bytes) should be at least %d bytes to hold the results"
              .formatted(output.name(), room.byteSize(), bytes));
    }
    MemorySegment.copy(output.data(), 0, room, 0, bytes);
  }
}
