package org.etalon.backends.tensorflow;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.Platform;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TensorFlow's C interface ({@code tensorflow/c/c_api.h}), as far as it is used here. Thread-safe.
 *
 * <p>A pointer belongs to whoever got it from a function that says so in its Javadoc.
 */
final class TensorFlowApi {
  private static final Logger LOG = LoggerFactory.getLogger(TensorFlowApi.class);
  private static final Linker LINKER = Linker.nativeLinker();

  /** Of TensorFlow's own levels: errors only; the rest comes as statuses. */
  private static final String LOG_LEVEL = "2";

  private static final int OK = 0;

  /** What the first session of a process asks for stays. Guarded by the class. */
  private static OptionalInt intraThreads = OptionalInt.empty();

  private final SymbolLookup library;

  /**
   * Given to TensorFlow to free inputs with, which are not its own to free: a function of libc's
   * that does nothing. One of Java's would make threads of TensorFlow's known to the JVM.
   */
  private final MemorySegment leaveAlone = LINKER.defaultLookup().findOrThrow("labs");

  private final MethodHandle newStatus;
  private final MethodHandle getCode;
  private final MethodHandle message;
  private final MethodHandle deleteStatus;
  private final MethodHandle newTensor;
  private final MethodHandle allocateTensor;
  private final MethodHandle deleteTensor;
  private final MethodHandle tensorType;
  private final MethodHandle numDims;
  private final MethodHandle dim;
  private final MethodHandle tensorByteSize;
  private final MethodHandle tensorData;
  private final MethodHandle stringInit;
  private final MethodHandle stringCopy;
  private final MethodHandle stringSize;
  private final MethodHandle stringData;
  private final MethodHandle sessionRun;

  private TensorFlowApi(SymbolLookup library) {
    this.library = library;
    this.newStatus = function("TF_NewStatus", ADDRESS);
    this.getCode = function("TF_GetCode", JAVA_INT, ADDRESS);
    this.message = function("TF_Message", ADDRESS, ADDRESS);
    this.deleteStatus = procedure("TF_DeleteStatus", ADDRESS);
    this.newTensor =
        function(
            "TF_NewTensor",
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            ADDRESS,
            ADDRESS);
    this.allocateTensor =
        function("TF_AllocateTensor", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
    this.deleteTensor = procedure("TF_DeleteTensor", ADDRESS);
    this.tensorType = function("TF_TensorType", JAVA_INT, ADDRESS);
    this.numDims = function("TF_NumDims", JAVA_INT, ADDRESS);
    this.dim = function("TF_Dim", JAVA_LONG, ADDRESS, JAVA_INT);
    this.tensorByteSize = function("TF_TensorByteSize", JAVA_LONG, ADDRESS);
    this.tensorData = function("TF_TensorData", ADDRESS, ADDRESS);
    this.stringInit = procedure("TF_StringInit", ADDRESS);
    this.stringCopy = procedure("TF_StringCopy", ADDRESS, ADDRESS, JAVA_LONG);
    this.stringSize = function("TF_StringGetSize", JAVA_LONG, ADDRESS);
    this.stringData = function("TF_StringGetDataPointer", ADDRESS, ADDRESS);
    this.sessionRun =
        procedure(
            "TF_SessionRun",
            ADDRESS,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            ADDRESS);
  }

  /**
   * Installs the library if need be and loads it.
   *
   * @throws ServingException UNAVAILABLE if that cannot be done
   */
  static TensorFlowApi load(LibraryStore store) {
    LibrarySet set =
        TensorFlowLibraries.set()
            .orElseThrow(() ->
                ServingException.unavailable(
                    "there is no TensorFlow for %s (expected: Linux on x86_64 or aarch64, macOS on aarch64)"
                        .formatted(Platform.name())));
    Path folder = store.provide(set, TensorFlowApi::note);
    List<String> libraries = set.archives().getFirst().libraries();
    try {
      quieten();
      // Found by the one before them, or loaded with it; never given back, as its threads stay.
      SymbolLookup last = SymbolLookup.loaderLookup();
      for (String library : libraries) {
        last = SymbolLookup.libraryLookup(folder.resolve(library), Arena.global());
      }
      return new TensorFlowApi(last);
    } catch (IllegalArgumentException | IllegalCallerException e) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE, "TensorFlow cannot be loaded: " + e.getMessage(), e);
    }
  }

  private static void note(String file, long bytes, long total) {
    if (bytes == total) {
      LOG.info("{}: {} MB are here", file, total / 1_000_000);
    }
  }

  /** Sets the environment variable that TensorFlow's log heeds, unless the user has. */
  private static void quieten() {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle setenv =
          LINKER.downcallHandle(
              LINKER.defaultLookup().findOrThrow("setenv"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
      int _ =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom("TF_CPP_MIN_LOG_LEVEL"), arena.allocateFrom(LOG_LEVEL), 0);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /**
   * Threads within operations, one by default. TensorFlow takes their number once a process.
   *
   * @throws ServingException INVALID_ARGUMENT if the process has another number than is asked for
   */
  static synchronized int useIntraThreads(OptionalInt asked, ModelLabel label) {
    int number = intraThreads.orElse(asked.orElse(1));
    if (asked.isPresent() && asked.getAsInt() != number) {
      throw label.invalid(
          "parameter TF_NUM_INTRA_THREADS: %d (expected: %d, which the first TensorFlow model of this process had, or none)"
              .formatted(asked.getAsInt(), number));
    }
    intraThreads = OptionalInt.of(number);
    return number;
  }

  MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        library.findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  MethodHandle procedure(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(library.findOrThrow(name), FunctionDescriptor.ofVoid(arguments));
  }

  /** A status for one thread's calls; the caller's to give to {@link #deleteStatus}. */
  MemorySegment newStatus() {
    try {
      return (MemorySegment) newStatus.invokeExact();
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  void deleteStatus(MemorySegment status) {
    try {
      deleteStatus.invokeExact(status);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** Throws what a status says, if it does not say that all is well. */
  void check(MemorySegment status) throws TensorFlowException {
    int code;
    String text;
    try {
      code = (int) getCode.invokeExact(status);
      if (code == OK) {
        return;
      }
      MemorySegment words = (MemorySegment) message.invokeExact(status);
      text = words.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw failure(e);
    }
    throw new TensorFlowException(code, text);
  }

  /**
   * A tensor over memory, which must outlive it; the caller's to delete.
   *
   * @param dims of its shape, each 8 bytes
   */
  MemorySegment tensorOver(int type, MemorySegment dims, int rank, MemorySegment data) {
    try {
      return (MemorySegment)
          newTensor.invokeExact(
              type, dims, rank, data, data.byteSize(), leaveAlone, MemorySegment.NULL);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** A tensor with memory of its own; the caller's to delete. */
  MemorySegment allocateTensor(int type, MemorySegment dims, int rank, long bytes) {
    try {
      return (MemorySegment) allocateTensor.invokeExact(type, dims, rank, bytes);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  void deleteTensor(MemorySegment tensor) {
    try {
      deleteTensor.invokeExact(tensor);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  int tensorType(MemorySegment tensor) {
    try {
      return (int) tensorType.invokeExact(tensor);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  long[] dims(MemorySegment tensor) {
    try {
      long[] dims = new long[(int) numDims.invokeExact(tensor)];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = (long) dim.invokeExact(tensor, i);
      }
      return dims;
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** A tensor's memory, valid until it is deleted. */
  MemorySegment data(MemorySegment tensor) {
    try {
      MemorySegment start = (MemorySegment) tensorData.invokeExact(tensor);
      return start.reinterpret((long) tensorByteSize.invokeExact(tensor));
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** Makes a string of raw memory and copies bytes into it. */
  void setString(MemorySegment string, MemorySegment bytes) {
    try {
      stringInit.invokeExact(string);
      stringCopy.invokeExact(string, bytes, bytes.byteSize());
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** A string's bytes, valid while it is. */
  MemorySegment stringBytes(MemorySegment string) {
    try {
      long size = (long) stringSize.invokeExact(string);
      return ((MemorySegment) stringData.invokeExact(string)).reinterpret(size);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** Runs a session; the output values are the caller's to delete, whatever the status. */
  void run(
      MemorySegment session,
      MemorySegment inputs,
      MemorySegment inputValues,
      int inputCount,
      MemorySegment outputs,
      MemorySegment outputValues,
      int outputCount,
      MemorySegment status)
      throws TensorFlowException {
    try {
      sessionRun.invokeExact(
          session,
          MemorySegment.NULL,
          inputs,
          inputValues,
          inputCount,
          outputs,
          outputValues,
          outputCount,
          MemorySegment.NULL,
          0,
          MemorySegment.NULL,
          status);
    } catch (Throwable e) {
      throw failure(e);
    }
    check(status);
  }

  static RuntimeException failure(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException known -> known;
      case Error fatal -> throw fatal;
      default -> new IllegalStateException(thrown);
    };
  }
}
