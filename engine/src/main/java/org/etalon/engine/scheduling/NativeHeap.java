package org.etalon.engine.scheduling;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The C library's heap, in which frameworks keep models. Thread-safe.
 *
 * <p>glibc keeps what was freed, in a heap for each thread that ever allocated: after a few loads
 * and unloads of a model of 50 MB from different threads, it held ten times that.
 */
final class NativeHeap {
  private static final Optional<MethodHandle> TRIM =
      Linker.nativeLinker()
          .defaultLookup()
          .find("malloc_trim")
          .map(function ->
              Linker.nativeLinker()
                  .downcallHandle(function, FunctionDescriptor.of(JAVA_INT, JAVA_LONG)));

  private NativeHeap() {}

  /** Gives what is free back to the system, where the C library (glibc) can be told to. */
  static void giveBackWhatIsFree() {
    if (TRIM.isEmpty()) {
      return;
    }
    try {
      int _ = (int) TRIM.get().invokeExact(0L);
    } catch (Throwable e) {
      throw new LinkageError("malloc_trim cannot be called", e);
    }
  }
}
