package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** What ONNX Runtime does not tell of a CUDA device, from NVIDIA's driver. */
final class CudaDriver {
  /** {@code CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR} and {@code _MINOR}. */
  private static final int MAJOR = 75;

  private static final int MINOR = 76;

  private CudaDriver() {}

  /**
   * Such as {@code 9.0}.
   *
   * @throws ServingException UNAVAILABLE if the driver does not answer
   */
  static String computeCapability(int device) {
    try (Arena arena = Arena.ofConfined()) {
      boolean isWindows = System.getProperty("os.name").startsWith("Windows");
      String library = isWindows ? "nvcuda.dll" : "libcuda.so.1";
      SymbolLookup driver = SymbolLookup.libraryLookup(library, arena);
      MethodHandle initialise = function(driver, "cuInit", JAVA_INT);
      check((int) initialise.invokeExact(0), "cuInit");
      MethodHandle get = function(driver, "cuDeviceGet", ADDRESS, JAVA_INT);
      MemorySegment out = arena.allocate(JAVA_INT);
      check((int) get.invokeExact(out, device), "cuDeviceGet");
      int handle = out.get(JAVA_INT, 0);
      MethodHandle attribute =
          function(driver, "cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);
      check((int) attribute.invokeExact(out, MAJOR, handle), "cuDeviceGetAttribute");
      int major = out.get(JAVA_INT, 0);
      check((int) attribute.invokeExact(out, MINOR, handle), "cuDeviceGetAttribute");
      return major + "." + out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE,
          "cc_model_filenames: the CUDA driver does not tell the compute capability of device %d: %s"
              .formatted(device, e.getMessage()),
          e);
    }
  }

  private static MethodHandle function(
      SymbolLookup driver, String name, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(driver.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  private static void check(int result, String function) {
    if (result != 0) {
      throw new IllegalStateException("%s answers %d".formatted(function, result));
    }
  }
}
