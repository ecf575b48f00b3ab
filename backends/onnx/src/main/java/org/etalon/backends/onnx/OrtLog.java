package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes ONNX Runtime's log lines to slf4j. */
final class OrtLog {
  static final int WARNING = 2;
  private static final int ERROR = 3;

  private static final Logger LOGGER = LoggerFactory.getLogger("org.etalon.backends.onnx.runtime");

  private OrtLog() {}

  /** A function for the C interface, of type {@code OrtLoggingFunction}. */
  static MemorySegment function(Arena arena) {
    FunctionDescriptor type =
        FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
    MethodType methodType = type.toMethodType();
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup().findStatic(OrtLog.class, "log", methodType), type, arena);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("OrtLog.log" + methodType, e);
    }
  }

  /** Called from native threads too; an exception that left it would end the process. */
  @SuppressWarnings({"unused", "UnusedVariable"}) // the C function's parameters
  private static void log(
      MemorySegment context,
      int severity,
      MemorySegment category,
      MemorySegment logger,
      MemorySegment location,
      MemorySegment message) {
    try {
      if (severity > ERROR) {
        LOGGER.error("{} ({})", text(message), text(location));
      } else if (severity == WARNING) {
        LOGGER.warn("{} ({})", text(message), text(location));
      } else { // an error is thrown as well, and told by whoever asked for what failed
        LOGGER.debug("{} ({})", text(message), text(location));
      }
    } catch (Throwable e) {
      // A lost log line is better than a lost process.
    }
  }

  private static String text(MemorySegment string) {
    return OrtTable.isNull(string) ? "" : string.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
