package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The calls of ONNX Runtime's C interface that run a batch. Immutable, thread-safe.
 *
 * <p>{@code struct OrtApi} in {@code onnxruntime_c_api.h} is a table of function pointers that only
 * grows at its end, so a slot keeps its meaning in every later version. Every call answers a
 * status, null for success.
 */
final class OrtApi {
  /** The version of the table asked for; its slots below were there before. */
  private static final int VERSION = 17;

  private static final int SLOTS = 260;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle GET_BASE =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS));
  private static final MethodHandle GET_API =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final MethodHandle ERROR_CODE =
      LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle ERROR_MESSAGE =
      LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle RELEASE =
      LINKER.downcallHandle(FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle OUT = status(ADDRESS);
  private static final MethodHandle IN_OUT = status(ADDRESS, ADDRESS);
  private static final MethodHandle IN_INDEX_OUT = status(ADDRESS, JAVA_LONG, ADDRESS);
  private static final MethodHandle IN_INDEX_IN_OUT = status(ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle IN_IN = status(ADDRESS, ADDRESS);
  private static final MethodHandle IN_OUT_COUNT = status(ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle IN_IN_IN = status(ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle INT_INT_OUT = status(JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle CREATE_ENV =
      status(ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle CREATE_TENSOR =
      status(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private static final MethodHandle WRAP_TENSOR =
      status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private static final MethodHandle STRING_BUFFER = status(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  private static final MethodHandle STRING_CONTENT =
      status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  private static final MethodHandle APPEND_PROVIDER =
      status(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle RUN =
      status(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);

  private final MemorySegment getErrorCode;
  private final MemorySegment getErrorMessage;
  private final MemorySegment createEnvWithCustomLogger;
  private final MemorySegment run;
  private final MemorySegment initializerCount;
  private final MemorySegment initializerType;
  private final MemorySegment initializerName;
  private final MemorySegment castTypeToTensor;
  private final MemorySegment createRunOptions;
  private final MemorySegment createTensorAsOrtValue;
  private final MemorySegment createTensorWithDataAsOrtValue;
  private final MemorySegment getTensorMutableData;
  private final MemorySegment getStringTensorDataLength;
  private final MemorySegment getStringTensorContent;
  private final MemorySegment getTensorElementType;
  private final MemorySegment getDimensionsCount;
  private final MemorySegment getDimensions;
  private final MemorySegment getTensorTypeAndShape;
  private final MemorySegment releaseStatus;
  private final MemorySegment releaseValue;
  private final MemorySegment releaseRunOptions;
  private final MemorySegment freeWithAllocator;
  private final MemorySegment releaseTypeInfo;
  private final MemorySegment releaseTypeAndShape;
  private final MemorySegment addRunConfigEntry;
  private final MemorySegment appendExecutionProvider;
  private final MemorySegment getResizedStringTensorElementBuffer;

  private final MemorySegment defaultAllocator;
  private final MemorySegment cpuMemory;

  /**
   * @param library finds {@code OrtGetApiBase} in the library that the Java interface uses, so that
   *     both speak of the same sessions
   */
  OrtApi(SymbolLookup library) throws OrtException {
    MemorySegment table = table(library);
    getErrorCode = slot(table, 1);
    getErrorMessage = slot(table, 2);
    createEnvWithCustomLogger = slot(table, 4);
    run = slot(table, 9);
    initializerCount = slot(table, 32);
    initializerType = slot(table, 35);
    initializerName = slot(table, 38);
    createRunOptions = slot(table, 39);
    createTensorAsOrtValue = slot(table, 48);
    createTensorWithDataAsOrtValue = slot(table, 49);
    getTensorMutableData = slot(table, 51);
    getStringTensorDataLength = slot(table, 53);
    getStringTensorContent = slot(table, 54);
    getTensorElementType = slot(table, 60);
    getDimensionsCount = slot(table, 61);
    getDimensions = slot(table, 62);
    getTensorTypeAndShape = slot(table, 65);
    castTypeToTensor = slot(table, 55);
    freeWithAllocator = slot(table, 76);
    releaseStatus = slot(table, 93);
    releaseValue = slot(table, 96);
    releaseRunOptions = slot(table, 97);
    releaseTypeInfo = slot(table, 98);
    releaseTypeAndShape = slot(table, 99);
    addRunConfigEntry = slot(table, 165);
    appendExecutionProvider = slot(table, 216);
    getResizedStringTensorElementBuffer = slot(table, 252);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      defaultAllocator = defaultAllocator(slot(table, 78), out);
      cpuMemory = cpuMemory(slot(table, 69), out);
    }
  }

  private static MethodHandle status(MemoryLayout... parameters) {
    return LINKER.downcallHandle(FunctionDescriptor.of(ADDRESS, parameters));
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

  private static MemorySegment slot(MemorySegment table, int index) {
    return table.getAtIndex(ADDRESS, index);
  }

  private MemorySegment defaultAllocator(MemorySegment get, MemorySegment out) throws OrtException {
    try {
      check((MemorySegment) OUT.invokeExact(get, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private MemorySegment cpuMemory(MemorySegment create, MemorySegment out) throws OrtException {
    final int deviceAllocator = 0;
    final int defaultMemory = 0;
    try {
      check((MemorySegment) INT_INT_OUT.invokeExact(create, deviceAllocator, defaultMemory, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Makes the process's environment, or counts one more user of the one there is.
   *
   * @param logger called for log lines of {@code severity} and above, if this makes the environment
   */
  void createEnvironment(MemorySegment logger, int severity) throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom("etalon");
      MemorySegment out = arena.allocate(ADDRESS);
      check(
          (MemorySegment)
              CREATE_ENV.invokeExact(
                  createEnvWithCustomLogger, logger, MemorySegment.NULL, severity, name, out));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Adds an execution provider to the options of a session, by the name that this call knows it by.
   * The Java interface has it for some providers only.
   */
  void appendProvider(MemorySegment sessionOptions, String name, Map<String, String> options)
      throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment keys = arena.allocate(ADDRESS, Math.max(1, options.size()));
      MemorySegment values = arena.allocate(ADDRESS, Math.max(1, options.size()));
      int i = 0;
      for (var option : options.entrySet()) {
        keys.setAtIndex(ADDRESS, i, arena.allocateFrom(option.getKey()));
        values.setAtIndex(ADDRESS, i, arena.allocateFrom(option.getValue()));
        i++;
      }
      check(
          (MemorySegment)
              APPEND_PROVIDER.invokeExact(
                  appendExecutionProvider,
                  sessionOptions,
                  arena.allocateFrom(name),
                  keys,
                  values,
                  (long) options.size()));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Options of a run, to be given back with {@link #releaseRunOptions}. */
  MemorySegment createRunOptions(Map<String, String> entries) throws OrtException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check((MemorySegment) OUT.invokeExact(createRunOptions, out));
      MemorySegment options = out.get(ADDRESS, 0);
      for (var entry : entries.entrySet()) {
        MemorySegment key = arena.allocateFrom(entry.getKey());
        MemorySegment value = arena.allocateFrom(entry.getValue());
        check((MemorySegment) IN_IN_IN.invokeExact(addRunConfigEntry, options, key, value));
      }
      return options;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * A tensor over memory that stays the caller's; to be given back with {@link #releaseValue}.
   *
   * @param dims the extents, {@code rank} of them
   * @param out receives the tensor
   */
  void wrapTensor(
      MemorySegment data, MemorySegment dims, int rank, int elementType, MemorySegment out)
      throws OrtException {
    try {
      check(
          (MemorySegment)
              WRAP_TENSOR.invokeExact(
                  createTensorWithDataAsOrtValue,
                  cpuMemory,
                  data,
                  data.byteSize(),
                  dims,
                  (long) rank,
                  elementType,
                  out));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A tensor in memory of ONNX Runtime's; to be given back with {@link #releaseValue}. */
  void createTensor(MemorySegment dims, int rank, int elementType, MemorySegment out)
      throws OrtException {
    try {
      check(
          (MemorySegment)
              CREATE_TENSOR.invokeExact(
                  createTensorAsOrtValue, defaultAllocator, dims, (long) rank, elementType, out));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Where the bytes of one element of a string tensor go, after this call {@code bytes} long. */
  MemorySegment stringBuffer(MemorySegment value, long index, long bytes, MemorySegment out)
      throws OrtException {
    try {
      check(
          (MemorySegment)
              STRING_BUFFER.invokeExact(
                  getResizedStringTensorElementBuffer, value, index, bytes, out));
      return out.get(ADDRESS, 0).reinterpret(bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Bytes of all elements of a string tensor together. */
  long stringBytes(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      check((MemorySegment) IN_OUT.invokeExact(getStringTensorDataLength, value, out));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Copies the elements of a string tensor out, one after another.
   *
   * @param offsets receives where each element begins, one long for each
   */
  void stringContent(MemorySegment value, MemorySegment content, MemorySegment offsets)
      throws OrtException {
    try {
      long count = offsets.byteSize() / JAVA_LONG.byteSize();
      check(
          (MemorySegment)
              STRING_CONTENT.invokeExact(
                  getStringTensorContent, value, content, content.byteSize(), offsets, count));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Where a tensor's elements lie, of no known size. */
  MemorySegment tensorData(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      check((MemorySegment) IN_OUT.invokeExact(getTensorMutableData, value, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** What a tensor is; {@code out} is scratch of a pointer's size. */
  TensorType tensorType(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      check((MemorySegment) IN_OUT.invokeExact(getTensorTypeAndShape, value, out));
      MemorySegment info = out.get(ADDRESS, 0);
      try {
        return typeAndShape(info, out);
      } finally {
        RELEASE.invokeExact(releaseTypeAndShape, info);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private TensorType typeAndShape(MemorySegment info, MemorySegment out) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      check((MemorySegment) IN_OUT.invokeExact(getTensorElementType, info, out));
      int elementType = out.get(JAVA_INT, 0);
      check((MemorySegment) IN_OUT.invokeExact(getDimensionsCount, info, out));
      long rank = out.get(JAVA_LONG, 0);
      MemorySegment dims = arena.allocate(JAVA_LONG, Math.max(1, rank));
      check((MemorySegment) IN_OUT_COUNT.invokeExact(getDimensions, info, dims, rank));
      return new TensorType(
          elementType, dims.asSlice(0, rank * JAVA_LONG.byteSize()).toArray(JAVA_LONG));
    }
  }

  /** A tensor that a session knows by name. */
  record NamedTensor(String name, TensorType type) {}

  /** A session's inputs that have a value in its file, which a run may replace by its own. */
  List<NamedTensor> overridableInitializers(MemorySegment session) throws OrtException {
    List<NamedTensor> tensors = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check((MemorySegment) IN_OUT.invokeExact(initializerCount, session, out));
      long count = out.get(JAVA_LONG, 0);
      for (long i = 0; i < count; i++) {
        tensors.add(
            new NamedTensor(initializerName(session, i, out), initializer(session, i, out)));
      }
      return tensors;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private String initializerName(MemorySegment session, long index, MemorySegment out)
      throws Throwable {
    check(
        (MemorySegment)
            IN_INDEX_IN_OUT.invokeExact(initializerName, session, index, defaultAllocator, out));
    MemorySegment name = out.get(ADDRESS, 0);
    String text = name.reinterpret(Long.MAX_VALUE).getString(0);
    check((MemorySegment) IN_IN.invokeExact(freeWithAllocator, defaultAllocator, name));
    return text;
  }

  private TensorType initializer(MemorySegment session, long index, MemorySegment out)
      throws Throwable {
    check((MemorySegment) IN_INDEX_OUT.invokeExact(initializerType, session, index, out));
    MemorySegment type = out.get(ADDRESS, 0);
    try {
      check((MemorySegment) IN_OUT.invokeExact(castTypeToTensor, type, out));
      return typeAndShape(out.get(ADDRESS, 0), out); // belongs to the type
    } finally {
      RELEASE.invokeExact(releaseTypeInfo, type);
    }
  }

  /** Element type, in the C interface's numbers, and extents of a tensor. */
  @SuppressWarnings("ArrayRecordComponent") // handed from one method to the next, never compared
  record TensorType(int elementType, long[] dims) {}

  /**
   * Runs a session on the calling thread. Thread-safe for one session.
   *
   * @param options or null
   * @param outputs pointers to the tensors to write to, a null one for ONNX Runtime to allocate
   */
  void run(
      MemorySegment session,
      MemorySegment options,
      MemorySegment inputNames,
      MemorySegment inputs,
      int inputCount,
      MemorySegment outputNames,
      MemorySegment outputs,
      int outputCount)
      throws OrtException {
    try {
      check(
          (MemorySegment)
              RUN.invokeExact(
                  run,
                  session,
                  options,
                  inputNames,
                  inputs,
                  (long) inputCount,
                  outputNames,
                  (long) outputCount,
                  outputs));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Gives a tensor back; using it afterwards ends the process. From any thread. */
  void releaseValue(MemorySegment value) {
    release(releaseValue, value);
  }

  void releaseRunOptions(MemorySegment options) {
    release(releaseRunOptions, options);
  }

  private static void release(MemorySegment function, MemorySegment object) {
    try {
      RELEASE.invokeExact(function, object);
    } catch (Throwable e) {
      throw new LinkageError("a call into ONNX Runtime cannot be made", e);
    }
  }

  static boolean isNull(MemorySegment pointer) {
    return pointer.address() == 0;
  }

  private void check(MemorySegment status) throws Throwable {
    if (isNull(status)) {
      return;
    }
    try {
      int code = (int) ERROR_CODE.invokeExact(getErrorCode, status);
      MemorySegment message = (MemorySegment) ERROR_MESSAGE.invokeExact(getErrorMessage, status);
      throw new OrtException(code, message.reinterpret(Long.MAX_VALUE).getString(0));
    } finally {
      RELEASE.invokeExact(releaseStatus, status);
    }
  }

  /** What {@code invokeExact} may throw, narrowed to what it does. */
  private static RuntimeException unexpected(Throwable e) throws OrtException {
    switch (e) {
      case OrtException failed -> throw failed;
      case RuntimeException fault -> throw fault;
      case Error fault -> throw fault;
      default -> throw new LinkageError("a call into ONNX Runtime cannot be made", e);
    }
  }
}
