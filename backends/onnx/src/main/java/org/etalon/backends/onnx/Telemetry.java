package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ONNX Runtime from reporting to its makers. From 1.29 on it does on Linux and macOS, unless
 * an environment variable says no: a service must not tell others what it runs. It also matches the
 * process's command line with a regular expression that overflows the stack where the command line
 * is long, as a Java class path makes it, and ends the process without a word.
 *
 * @see <a href="https://github.com/microsoft/onnxruntime/pull/27379">the variable</a>
 * @see <a href="https://github.com/vespa-engine/vespa/pull/37786">the overflow</a>
 */
final class Telemetry {
  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
  private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";

  private Telemetry() {}

  /** To be called before the library makes its environment. Windows has nothing to switch off. */
  static void disable() {
    if (System.getProperty("os.name", "").startsWith("Windows")
        || System.getenv(VARIABLE) != null) {
      return;
    }
    Optional<MemorySegment> setenv = symbol();
    if (setenv.isEmpty()) {
      LOG.warn("ONNX Runtime may report to its makers; set {}=1", VARIABLE);
      return;
    }
    MethodHandle call =
        Linker.nativeLinker()
            .downcallHandle(
                setenv.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) call.invokeExact(arena.allocateFrom(VARIABLE), arena.allocateFrom("1"), 1);
      if (result != 0) {
        LOG.warn("ONNX Runtime may report to its makers; set {}=1", VARIABLE);
      }
    } catch (Throwable e) {
      throw new LinkageError("setenv cannot be called", e);
    }
  }

  private static Optional<MemorySegment> symbol() {
    SymbolLookup library = Linker.nativeLinker().defaultLookup();
    return library.find("setenv");
  }
}
