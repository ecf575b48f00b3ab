package org.etalon.server.metrics;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Against a library of the same functions, written in Java, with the answers of an H200. */
final class NvmlTest {
  private static final int NOT_SUPPORTED = 3;

  @Test
  void readsWhatTheDriverTells() {
    try (Arena arena = Arena.ofShared()) {
      assertThat(Nvml.open(library(arena, 0)).orElseThrow().gpus())
          .containsExactly(
              new Gpu(
                  "GPU-0c7b1f1e",
                  "NVIDIA H200",
                  OptionalDouble.of(0.37),
                  OptionalDouble.of(76.543),
                  OptionalDouble.of(700),
                  OptionalDouble.empty(),
                  OptionalLong.of(150_754_820_096L),
                  OptionalLong.of(1_234_567_890L)));
    }
  }

  @Test
  void aDriverThatDoesNotStartHasNoGpus() {
    try (Arena arena = Arena.ofShared()) {
      assertThat(Nvml.open(library(arena, 9))).isEmpty();
    }
  }

  @Test
  void aLibraryThatIsAnotherHasNoGpus() {
    assertThat(Nvml.open(_ -> Optional.empty())).isEmpty();
  }

  private static SymbolLookup library(Arena arena, int initAnswer) {
    Map<String, MemorySegment> functions = new HashMap<>();
    FunctionDescriptor device = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
    functions.put(
        "nvmlInit_v2",
        Linker.nativeLinker()
            .upcallStub(
                MethodHandles.constant(int.class, initAnswer),
                FunctionDescriptor.of(JAVA_INT),
                arena));
    put(functions, arena, "nvmlDeviceGetCount_v2", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    put(
        functions,
        arena,
        "nvmlDeviceGetHandleByIndex_v2",
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    put(
        functions,
        arena,
        "nvmlDeviceGetUUID",
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    put(
        functions,
        arena,
        "nvmlDeviceGetName",
        FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    put(functions, arena, "nvmlDeviceGetUtilizationRates", device);
    put(functions, arena, "nvmlDeviceGetPowerUsage", device);
    put(functions, arena, "nvmlDeviceGetPowerManagementLimit", device);
    put(functions, arena, "nvmlDeviceGetTotalEnergyConsumption", device);
    put(functions, arena, "nvmlDeviceGetMemoryInfo", device);
    return name -> Optional.ofNullable(functions.get(name));
  }

  private static void put(
      Map<String, MemorySegment> functions, Arena arena, String name, FunctionDescriptor type) {
    MethodType signature = type.toMethodType();
    try {
      MethodHandle function = MethodHandles.lookup().findStatic(NvmlTest.class, name, signature);
      functions.put(name, Linker.nativeLinker().upcallStub(function, type, arena));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetCount_v2(MemorySegment count) {
    count.reinterpret(4).set(JAVA_INT, 0, 1);
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetHandleByIndex_v2(int index, MemorySegment device) {
    device.reinterpret(8).set(ADDRESS, 0, MemorySegment.ofAddress(0x1000 + index));
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetUUID(MemorySegment device, MemorySegment text, int length) {
    text.reinterpret(length).setString(0, "GPU-0c7b1f1e");
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetName(MemorySegment device, MemorySegment text, int length) {
    text.reinterpret(length).setString(0, "NVIDIA H200");
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetUtilizationRates(MemorySegment device, MemorySegment rates) {
    rates.reinterpret(8).set(JAVA_INT, 0, 37);
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetPowerUsage(MemorySegment device, MemorySegment milliwatts) {
    milliwatts.reinterpret(4).set(JAVA_INT, 0, 76_543);
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetPowerManagementLimit(
      MemorySegment device, MemorySegment milliwatts) {
    milliwatts.reinterpret(4).set(JAVA_INT, 0, 700_000);
    return 0;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetTotalEnergyConsumption(
      MemorySegment device, MemorySegment millijoules) {
    return NOT_SUPPORTED;
  }

  @SuppressWarnings("unused")
  private static int nvmlDeviceGetMemoryInfo(MemorySegment device, MemorySegment memory) {
    MemorySegment words = memory.reinterpret(24);
    words.setAtIndex(JAVA_LONG, 0, 150_754_820_096L);
    words.setAtIndex(JAVA_LONG, 1, 149_520_252_206L);
    words.setAtIndex(JAVA_LONG, 2, 1_234_567_890L);
    return 0;
  }
}
