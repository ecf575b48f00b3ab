package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class TelemetryTest {
  /** Java keeps a copy of the environment from its start; the library reads C's. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void isOffInTheEnvironmentThatTheLibraryReads() throws Throwable {
    new OnnxBackend().devices();
    MethodHandle getenv =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("getenv"),
                FunctionDescriptor.of(ADDRESS, ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value =
          (MemorySegment) getenv.invokeExact(arena.allocateFrom("ORT_DISABLE_TELEMETRY"));
      assertThat(value.address()).isNotZero();
    }
  }
}
