package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import ai.onnxruntime.OrtException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The functions of ONNX Runtime's C interface and their errors. Immutable, thread-safe.
 *
 * <p>{@code struct OrtApi} in {@code onnxruntime_c_api.h} is a table of function pointers that only
 * grows at its end, so a slot keeps its meaning in every later version. Every call answers a
 * status, null for success.
 */
final class OrtTable {
  /** The version of the table asked for; its slots below were there before. */
  private static final int VERSION = 17;

  private static final int SLOTS = 260;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle GET_BASE =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS));
  private static final MethodHandle GET_API =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final MethodHandle RELEASE =
      LINKER.downcallHandle(FunctionDescriptor.ofVoid(ADDRESS));

  /** Set up when a call first fails. */
  private static final class Failures {
    static final MethodHandle CODE =
        LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, ADDRESS));
    static final MethodHandle MESSAGE =
        LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, ADDRESS));
  }

  private final MemorySegment table;
  private final MemorySegment getErrorCode;
  private final MemorySegment getErrorMessage;
  private final MemorySegment releaseStatus;

  /**
   * @param library finds {@code OrtGetApiBase} in the library that the Java interface uses, so that
   *     both speak of the same sessions
   */
  OrtTable(SymbolLookup library) throws OrtException {
    table = table(library);
    getErrorCode = slot(1);
    getErrorMessage = slot(2);
    releaseStatus = slot(93);
  }

  private static MemorySegment table(SymbolLookup library) throws OrtException {
    try {
      MemorySegment base =
          (MemorySegment) GET_BASE.invokeExact(library.findOrThrow("OrtGetApiBase"));
      MemorySegment getApi = base.reinterpret(ADDRESS.byteSize()).get(ADDRESS, 0);
      MemorySegment table = (MemorySegment) GET_API.invokeExact(getApi, VERSION);
      if (isNull(table)) {
        throw new IllegalStateException(
            "this ONNX Runtime is older than 1.%d (see -Donnxruntime.native.path)"
                .formatted(VERSION));
      }
      return table.reinterpret(SLOTS * ADDRESS.byteSize());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A call that answers a status, of a function given as its first argument. */
  static MethodHandle status(MemoryLayout... parameters) {
    return LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, parameters));
  }

  /** The function of that number. */
  MemorySegment slot(int index) {
    return table.getAtIndex(ADDRESS, index);
  }

  /**
   * @throws OrtException if a call's status is not success
   */
  void check(MemorySegment status) throws Throwable {
    if (isNull(status)) {
      return;
    }
    try {
      int code = (int) Failures.CODE.invokeExact(getErrorCode, status);
      MemorySegment message = (MemorySegment) Failures.MESSAGE.invokeExact(getErrorMessage, status);
      throw new OrtException(code, message.reinterpret(Long.MAX_VALUE).getString(0));
    } finally {
      release(releaseStatus, status);
    }
  }

  /** Gives an object back by its own function; using it afterwards ends the process. */
  static void release(MemorySegment function, MemorySegment object) {
    try {
      RELEASE.invokeExact(function, object);
    } catch (Throwable e) {
      throw new LinkageError("a call into ONNX Runtime cannot be made", e);
    }
  }

  static boolean isNull(MemorySegment pointer) {
    return pointer.address() == 0;
  }

  /** What {@code invokeExact} may throw, narrowed to what it does. */
  static RuntimeException unexpected(Throwable e) throws OrtException {
    switch (e) {
      case OrtException failed -> throw failed;
      case RuntimeException fault -> throw fault;
      case Error fault -> throw fault;
      default -> throw new LinkageError("a call into ONNX Runtime cannot be made", e);
    }
  }
}
