package org.etalon.backends.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.etalon.backends.pjrt.PjrtApi.FIELDS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.backends.pjrt.PjrtApi.Function;
import org.etalon.inference.Shape;

/** A compiled program. Thread-safe until it is closed. */
final class Program implements AutoCloseable {
  private final PjrtClient client;
  private final MemorySegment executable;
  private final List<Result> results;

  /**
   * An output.
   *
   * @param type {@code PJRT_Buffer_Type}
   */
  record Result(int type, Shape shape) {}

  private Program(PjrtClient client, MemorySegment executable, List<Result> results) {
    this.client = client;
    this.executable = executable;
    this.results = List.copyOf(results);
  }

  /**
   * @throws PjrtException if the plugin does not take the program
   */
  static Program compile(PjrtClient client, byte[] code) {
    MemorySegment loaded = client.compile(code);
    try {
      return new Program(client, loaded, results(client.api(), loaded));
    } catch (RuntimeException e) {
      client.api().destroy(Function.LOADED_EXECUTABLE_DESTROY, loaded);
      throw e;
    }
  }

  private static List<Result> results(PjrtApi api, MemorySegment loaded) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment get = PjrtApi.struct(arena, loaded);
      api.call(Function.LOADED_EXECUTABLE_GET_EXECUTABLE, get);
      MemorySegment executable = get.get(ADDRESS, FIELDS + 8);
      try {
        return described(api, executable, arena);
      } finally {
        api.destroy(Function.EXECUTABLE_DESTROY, executable);
      }
    }
  }

  private static List<Result> described(PjrtApi api, MemorySegment executable, Arena arena) {
    MemorySegment types = PjrtApi.struct(arena, executable);
    api.call(Function.EXECUTABLE_OUTPUT_ELEMENT_TYPES, types);
    MemorySegment shapes = PjrtApi.struct(arena, executable);
    api.call(Function.EXECUTABLE_OUTPUT_DIMENSIONS, shapes);
    long count = shapes.get(JAVA_LONG, FIELDS + 8);
    MemorySegment numbers = types.get(ADDRESS, FIELDS + 8).reinterpret(count * JAVA_INT.byteSize());
    MemorySegment ranks =
        shapes.get(ADDRESS, FIELDS + 24).reinterpret(count * JAVA_LONG.byteSize());
    List<Result> results = new ArrayList<>();
    long at = 0;
    for (long i = 0; i < count; i++) {
      long rank = ranks.getAtIndex(JAVA_LONG, i);
      MemorySegment dims =
          shapes
              .get(ADDRESS, FIELDS + 16)
              .reinterpret((at + rank) * JAVA_LONG.byteSize())
              .asSlice(at * JAVA_LONG.byteSize());
      results.add(new Result(numbers.getAtIndex(JAVA_INT, i), Shape.of(dims.toArray(JAVA_LONG))));
      at += rank;
    }
    return results;
  }

  PjrtClient client() {
    return client;
  }

  MemorySegment executable() {
    return executable;
  }

  /** Its outputs, in order. */
  List<Result> results() {
    return results;
  }

  @Override
  public void close() {
    client.api().destroy(Function.LOADED_EXECUTABLE_DESTROY, executable);
  }
}
