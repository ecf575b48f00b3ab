package org.etalon.server.metrics;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * NVIDIA's management library, which comes with the driver. Thread-safe, as the library is.
 *
 * @see <a href="https://docs.nvidia.com/deploy/nvml-api/">NVML API reference</a>
 */
public final class Nvml {
  private static final Logger LOG = LoggerFactory.getLogger(Nvml.class);
  private static final String LIBRARY = "libnvidia-ml.so.1";
  private static final int SUCCESS = 0;
  private static final int UUID_BYTES = 96;
  private static final int NAME_BYTES = 96;
  private static final double PERCENT = 100;
  private static final double MILLI = 1000;

  /** nvmlMemory_t: total, free, used. */
  private static final int MEMORY_WORDS = 3;

  private final MethodHandle count;
  private final MethodHandle handleByIndex;
  private final MethodHandle uuid;
  private final MethodHandle name;
  private final MethodHandle utilization;
  private final MethodHandle powerUsage;
  private final MethodHandle powerLimit;
  private final MethodHandle energy;
  private final MethodHandle memory;

  private Nvml(SymbolLookup library) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor ofDevice = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
    count = function(linker, library, "nvmlDeviceGetCount_v2", one());
    handleByIndex =
        function(
            linker,
            library,
            "nvmlDeviceGetHandleByIndex_v2",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    FunctionDescriptor text = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    uuid = function(linker, library, "nvmlDeviceGetUUID", text);
    name = function(linker, library, "nvmlDeviceGetName", text);
    utilization = function(linker, library, "nvmlDeviceGetUtilizationRates", ofDevice);
    powerUsage = function(linker, library, "nvmlDeviceGetPowerUsage", ofDevice);
    powerLimit = function(linker, library, "nvmlDeviceGetPowerManagementLimit", ofDevice);
    energy = function(linker, library, "nvmlDeviceGetTotalEnergyConsumption", ofDevice);
    memory = function(linker, library, "nvmlDeviceGetMemoryInfo", ofDevice);
  }

  /** The library of this machine's driver; empty where there is none. */
  public static Optional<Nvml> ofThisMachine() {
    SymbolLookup library;
    try {
      // The driver's library stays loaded as long as the process: it belongs to no one of us.
      library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException e) {
      LOG.debug("no metrics of GPUs: {} is not here", LIBRARY, e);
      return Optional.empty();
    }
    return open(library);
  }

  /** Starts a library; empty, with a warning, if it cannot be. */
  static Optional<Nvml> open(SymbolLookup library) {
    try {
      FunctionDescriptor initType = FunctionDescriptor.of(JAVA_INT);
      int status =
          (int) function(Linker.nativeLinker(), library, "nvmlInit_v2", initType).invokeExact();
      if (status != SUCCESS) {
        LOG.warn("no metrics of GPUs: nvmlInit_v2 answered {}", status);
        return Optional.empty();
      }
      return Optional.of(new Nvml(library));
    } catch (Throwable e) {
      LOG.warn("no metrics of GPUs: {}", e.toString());
      return Optional.empty();
    }
  }

  private static FunctionDescriptor one() {
    return FunctionDescriptor.of(JAVA_INT, ADDRESS);
  }

  private static MethodHandle function(
      Linker linker, SymbolLookup library, String name, FunctionDescriptor type) {
    return linker.downcallHandle(library.findOrThrow(name), type);
  }

  /** All GPUs as they are now, in the driver's order; one that does not answer is left out. */
  public List<Gpu> gpus() {
    List<Gpu> gpus = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      if ((int) count.invokeExact(number) != SUCCESS) {
        return List.of();
      }
      for (int i = 0; i < number.get(JAVA_INT, 0); i++) {
        MemorySegment slot = arena.allocate(ADDRESS);
        if ((int) handleByIndex.invokeExact(i, slot) == SUCCESS) {
          gpu(slot.get(ADDRESS, 0), arena).ifPresent(gpus::add);
        }
      }
      return gpus;
    } catch (Throwable e) {
      throw new IllegalStateException("NVML: " + e, e);
    }
  }

  private Optional<Gpu> gpu(MemorySegment device, Arena arena) throws Throwable {
    MemorySegment id = arena.allocate(UUID_BYTES);
    MemorySegment called = arena.allocate(NAME_BYTES);
    if ((int) uuid.invokeExact(device, id, UUID_BYTES) != SUCCESS) {
      return Optional.empty();
    }
    boolean isCalled = (int) name.invokeExact(device, called, NAME_BYTES) == SUCCESS;
    MemorySegment words = arena.allocate(JAVA_LONG, MEMORY_WORDS);
    boolean hasMemory = (int) memory.invokeExact(device, words) == SUCCESS;
    return Optional.of(
        new Gpu(
            id.getString(0),
            isCalled ? called.getString(0) : "GPU",
            number(utilization, device, PERCENT, arena),
            number(powerUsage, device, MILLI, arena),
            number(powerLimit, device, MILLI, arena),
            bigNumber(energy, device, MILLI, arena),
            hasMemory ? OptionalLong.of(words.getAtIndex(JAVA_LONG, 0)) : OptionalLong.empty(),
            hasMemory ? OptionalLong.of(words.getAtIndex(JAVA_LONG, 2)) : OptionalLong.empty()));
  }

  /** An unsigned int, or the first of a structure of such. */
  private static OptionalDouble number(
      MethodHandle function, MemorySegment device, double unit, Arena arena) throws Throwable {
    MemorySegment answer = arena.allocate(JAVA_INT, 2);
    return (int) function.invokeExact(device, answer) == SUCCESS
        ? OptionalDouble.of(Integer.toUnsignedLong(answer.get(JAVA_INT, 0)) / unit)
        : OptionalDouble.empty();
  }

  private static OptionalDouble bigNumber(
      MethodHandle function, MemorySegment device, double unit, Arena arena) throws Throwable {
    MemorySegment answer = arena.allocate(JAVA_LONG);
    return (int) function.invokeExact(device, answer) == SUCCESS
        ? OptionalDouble.of(answer.get(JAVA_LONG, 0) / unit)
        : OptionalDouble.empty();
  }
}
