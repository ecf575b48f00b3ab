package org.etalon.backends.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.etalon.backends.pjrt.PjrtApi.FIELDS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.etalon.backends.pjrt.PjrtApi.Function;

/** A plugin at work, with the devices that it has. Thread-safe until it is closed. */
final class PjrtClient implements AutoCloseable {
  /** {@code CompileOptionsProto}: one replica, one partition. */
  private static final byte[] COMPILE_OPTIONS = {0x1a, 4, 0x20, 1, 0x28, 1};

  private final PjrtApi api;
  private final MemorySegment client;
  private final MemorySegment device;

  private PjrtClient(PjrtApi api, MemorySegment client, MemorySegment device) {
    this.api = api;
    this.client = client;
    this.device = device;
  }

  /**
   * @throws PjrtException if the plugin cannot be used, or finds no device
   */
  static PjrtClient open(Path plugin) {
    PjrtApi api = PjrtApi.load(plugin);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment create = PjrtApi.struct(arena);
      api.call(Function.CLIENT_CREATE, create);
      MemorySegment client = create.get(ADDRESS, FIELDS + 48);
      MemorySegment devices = PjrtApi.struct(arena, client);
      api.call(Function.CLIENT_ADDRESSABLE_DEVICES, devices);
      if (devices.get(JAVA_LONG, FIELDS + 16) == 0) {
        api.destroy(Function.CLIENT_DESTROY, client);
        throw new PjrtException(0, plugin + " finds no device");
      }
      MemorySegment first =
          devices.get(ADDRESS, FIELDS + 8).reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
      return new PjrtClient(api, client, first);
    }
  }

  PjrtApi api() {
    return api;
  }

  MemorySegment client() {
    return client;
  }

  /** The first device. */
  MemorySegment device() {
    return device;
  }

  /**
   * Compiles a program: StableHLO as MLIR, text or bytecode, portable or not.
   *
   * @return a {@code PJRT_LoadedExecutable}, the caller's
   */
  MemorySegment compile(byte[] code) {
    try (Arena arena = Arena.ofConfined()) {
      String format = "mlir";
      MemorySegment program = PjrtApi.struct(arena);
      program.set(ADDRESS, FIELDS, arena.allocateFrom(JAVA_BYTE, code));
      program.set(JAVA_LONG, FIELDS + 8, code.length);
      program.set(ADDRESS, FIELDS + 16, arena.allocateFrom(format));
      program.set(JAVA_LONG, FIELDS + 24, format.length());
      MemorySegment compile = PjrtApi.struct(arena, client);
      compile.set(ADDRESS, FIELDS + 8, program);
      compile.set(ADDRESS, FIELDS + 16, arena.allocateFrom(JAVA_BYTE, COMPILE_OPTIONS));
      compile.set(JAVA_LONG, FIELDS + 24, COMPILE_OPTIONS.length);
      api.call(Function.CLIENT_COMPILE, compile);
      return compile.get(ADDRESS, FIELDS + 32);
    }
  }

  /** After its programs. */
  @Override
  public void close() {
    api.destroy(Function.CLIENT_DESTROY, client);
  }
}
