package org.etalon.backends.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The functions of a plugin, {@code PJRT_Api} in {@code pjrt_c_api.h}. Thread-safe; stays loaded as
 * long as the process lives.
 *
 * <p>Every function takes one structure, whose fields begin at {@link #FIELDS}, and returns an
 * error or nothing. A structure says how long it is; ours say {@link #STRUCT_BYTES}, which is more
 * than they know, with zeros behind: fields that a newer plugin has added are absent.
 */
final class PjrtApi {
  /** Where a structure's own fields begin: behind its size and a pointer that is nobody's. */
  static final long FIELDS = 16;

  static final long STRUCT_BYTES = 256;

  /** {@code PJRT_API_MAJOR}: while it is 0, functions are only added at the table's end. */
  static final int MAJOR = 0;

  /** The first minor version that tells what outputs look like. */
  static final int MIN_MINOR = 33;

  private static final long MAJOR_AT = 32;
  private static final long MINOR_AT = 36;
  private static final long TABLE_AT = 40;

  /** Positions in the table. */
  enum Function {
    ERROR_DESTROY(0),
    ERROR_MESSAGE(1),
    ERROR_GET_CODE(2),
    PLUGIN_INITIALIZE(3),
    EVENT_DESTROY(5),
    EVENT_AWAIT(8),
    CLIENT_CREATE(10),
    CLIENT_DESTROY(11),
    CLIENT_ADDRESSABLE_DEVICES(16),
    CLIENT_COMPILE(20),
    CLIENT_BUFFER_FROM_HOST_BUFFER(22),
    EXECUTABLE_DESTROY(40),
    LOADED_EXECUTABLE_DESTROY(50),
    LOADED_EXECUTABLE_GET_EXECUTABLE(51),
    LOADED_EXECUTABLE_EXECUTE(55),
    BUFFER_DESTROY(58),
    BUFFER_TO_HOST_BUFFER(70),
    EXECUTABLE_OUTPUT_ELEMENT_TYPES(90),
    EXECUTABLE_OUTPUT_DIMENSIONS(91);

    private final int position;

    Function(int position) {
      this.position = position;
    }
  }

  private static final MethodHandle CALL =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle GET =
      Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(ADDRESS));

  private final MemorySegment table;

  private PjrtApi(MemorySegment table) {
    this.table = table;
  }

  /**
   * Loads a plugin and sets it up.
   *
   * @throws PjrtException if it is no plugin, or one of another version
   */
  static PjrtApi load(Path plugin) {
    MemorySegment get;
    try {
      get =
          SymbolLookup.libraryLookup(plugin, Arena.global())
              .find("GetPjrtApi")
              .orElseThrow(
                  () -> new PjrtException(0, plugin + " is no PJRT plugin: it has no GetPjrtApi"));
    } catch (IllegalArgumentException e) {
      throw new PjrtException(0, "%s cannot be loaded: %s".formatted(plugin, e.getMessage()));
    }
    try {
      MemorySegment table = (MemorySegment) GET.invokeExact(get);
      PjrtApi api = of(table.reinterpret(TABLE_AT), plugin);
      try (Arena arena = Arena.ofConfined()) {
        api.call(Function.PLUGIN_INITIALIZE, struct(arena));
      }
      return api;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /**
   * @param head the table up to its first function
   */
  static PjrtApi of(MemorySegment head, Path plugin) {
    int major = head.get(JAVA_INT, MAJOR_AT);
    int minor = head.get(JAVA_INT, MINOR_AT);
    long bytes = head.get(JAVA_LONG, 0);
    long needed = TABLE_AT + 8L * (Function.EXECUTABLE_OUTPUT_DIMENSIONS.position + 1);
    if (major != MAJOR || minor < MIN_MINOR || bytes < needed) {
      throw new PjrtException(
          0,
          "%s has version %d.%d of PJRT's interface, in %d bytes (expected: version %d.%d or a later %d.x)"
              .formatted(plugin, major, minor, bytes, MAJOR, MIN_MINOR, MAJOR));
    }
    return new PjrtApi(head.reinterpret(needed));
  }

  /** An empty structure, to be filled in from {@link #FIELDS} on. */
  static MemorySegment struct(Arena arena) {
    MemorySegment struct = arena.allocate(STRUCT_BYTES, 16);
    struct.set(JAVA_LONG, 0, STRUCT_BYTES);
    return struct;
  }

  /** A structure whose first field points at an object. */
  static MemorySegment struct(Arena arena, MemorySegment object) {
    MemorySegment struct = struct(arena);
    struct.set(ADDRESS, FIELDS, object);
    return struct;
  }

  /**
   * @throws PjrtException with the plugin's message
   */
  void call(Function function, MemorySegment struct) {
    MemorySegment error = invoke(function, struct);
    if (error.address() != 0) {
      throw exception(error);
    }
  }

  /**
   * Calls a function of one object, as those that destroy are; there is nothing to do if it fails.
   */
  void destroy(Function function, MemorySegment object) {
    if (object.address() == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      call(function, struct(arena, object));
    }
  }

  /** Waits for an event, which is gone afterwards. */
  void await(MemorySegment event) {
    if (event.address() == 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = struct(arena, event);
      try {
        call(Function.EVENT_AWAIT, struct);
      } finally {
        call(Function.EVENT_DESTROY, struct);
      }
    }
  }

  private MemorySegment invoke(Function function, MemorySegment struct) {
    try {
      MemorySegment address = table.get(ADDRESS, TABLE_AT + 8L * function.position);
      return (MemorySegment) CALL.invokeExact(address, struct);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private PjrtException exception(MemorySegment error) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = struct(arena, error);
      invoke(Function.ERROR_MESSAGE, struct);
      String message = text(struct, FIELDS + 8);
      int code = 0;
      MemorySegment second =
          invoke(Function.ERROR_GET_CODE, struct.fill((byte) 0).copyFrom(struct(arena, error)));
      if (second.address() == 0) {
        code = struct.get(JAVA_INT, FIELDS + 8);
      }
      invoke(Function.ERROR_DESTROY, struct(arena, error));
      return new PjrtException(code, message);
    }
  }

  /** A text that a structure holds as pointer and length. */
  static String text(MemorySegment struct, long at) {
    MemorySegment characters = struct.get(ADDRESS, at).reinterpret(struct.get(JAVA_LONG, at + 8));
    return new String(characters.toArray(JAVA_BYTE), StandardCharsets.UTF_8);
  }

  static RuntimeException failure(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }
}
