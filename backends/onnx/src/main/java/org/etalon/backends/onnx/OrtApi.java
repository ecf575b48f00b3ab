package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The calls of ONNX Runtime's C interface that run a batch. Immutable, thread-safe. */
final class OrtApi {
  private static final MethodHandle OUT = OrtTable.status(ADDRESS);
  private static final MethodHandle IN_OUT = OrtTable.status(ADDRESS, ADDRESS);
  private static final MethodHandle IN_OUT_COUNT = OrtTable.status(ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle INT_INT_OUT = OrtTable.status(JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle CREATE_TENSOR =
      OrtTable.status(ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private static final MethodHandle WRAP_TENSOR =
      OrtTable.status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS);
  private static final MethodHandle RUN =
      OrtTable.status(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS);

  /** Only tensors of texts need these, and each takes 5 ms to set up. */
  private static final class Texts {
    static final MethodHandle BUFFER = OrtTable.status(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
    static final MethodHandle CONTENT =
        OrtTable.status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  }

  private final OrtTable table;
  private final MemorySegment run;
  private final MemorySegment createTensorAsOrtValue;
  private final MemorySegment createTensorWithDataAsOrtValue;
  private final MemorySegment getTensorMutableData;
  private final MemorySegment getStringTensorDataLength;
  private final MemorySegment getStringTensorContent;
  private final MemorySegment getTensorElementType;
  private final MemorySegment getDimensionsCount;
  private final MemorySegment getDimensions;
  private final MemorySegment getTensorTypeAndShape;
  private final MemorySegment releaseValue;
  private final MemorySegment releaseTypeAndShape;
  private final MemorySegment getResizedStringTensorElementBuffer;

  private final MemorySegment defaultAllocator;
  private final MemorySegment cpuMemory;

  OrtApi(OrtTable table) throws OrtException {
    this.table = table;
    run = table.slot(9);
    createTensorAsOrtValue = table.slot(48);
    createTensorWithDataAsOrtValue = table.slot(49);
    getTensorMutableData = table.slot(51);
    getStringTensorDataLength = table.slot(53);
    getStringTensorContent = table.slot(54);
    getTensorElementType = table.slot(60);
    getDimensionsCount = table.slot(61);
    getDimensions = table.slot(62);
    getTensorTypeAndShape = table.slot(65);
    releaseValue = table.slot(96);
    releaseTypeAndShape = table.slot(99);
    getResizedStringTensorElementBuffer = table.slot(252);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      defaultAllocator = defaultAllocator(table.slot(78), out);
      cpuMemory = cpuMemory(table.slot(69), out);
    }
  }

  private MemorySegment defaultAllocator(MemorySegment get, MemorySegment out) throws OrtException {
    try {
      table.check((MemorySegment) OUT.invokeExact(get, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  private MemorySegment cpuMemory(MemorySegment create, MemorySegment out) throws OrtException {
    final int deviceAllocator = 0;
    final int defaultMemory = 0;
    try {
      table.check(
          (MemorySegment) INT_INT_OUT.invokeExact(create, deviceAllocator, defaultMemory, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
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
      table.check(
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
      throw OrtTable.unexpected(e);
    }
  }

  /** A tensor in memory of ONNX Runtime's; to be given back with {@link #releaseValue}. */
  void createTensor(MemorySegment dims, int rank, int elementType, MemorySegment out)
      throws OrtException {
    try {
      table.check(
          (MemorySegment)
              CREATE_TENSOR.invokeExact(
                  createTensorAsOrtValue, defaultAllocator, dims, (long) rank, elementType, out));
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** Where the bytes of one element of a string tensor go, after this call {@code bytes} long. */
  MemorySegment stringBuffer(MemorySegment value, long index, long bytes, MemorySegment out)
      throws OrtException {
    try {
      table.check(
          (MemorySegment)
              Texts.BUFFER.invokeExact(
                  getResizedStringTensorElementBuffer, value, index, bytes, out));
      return out.get(ADDRESS, 0).reinterpret(bytes);
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** Bytes of all elements of a string tensor together. */
  long stringBytes(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      table.check((MemorySegment) IN_OUT.invokeExact(getStringTensorDataLength, value, out));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
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
      table.check(
          (MemorySegment)
              Texts.CONTENT.invokeExact(
                  getStringTensorContent, value, content, content.byteSize(), offsets, count));
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** Where a tensor's elements lie, of no known size. */
  MemorySegment tensorData(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      table.check((MemorySegment) IN_OUT.invokeExact(getTensorMutableData, value, out));
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** How ONNX Runtime allocates what it gives. */
  MemorySegment defaultAllocator() {
    return defaultAllocator;
  }

  /** What a tensor is; {@code out} is scratch of a pointer's size. */
  TensorType tensorType(MemorySegment value, MemorySegment out) throws OrtException {
    try {
      table.check((MemorySegment) IN_OUT.invokeExact(getTensorTypeAndShape, value, out));
      MemorySegment info = out.get(ADDRESS, 0);
      try {
        return typeAndShape(info, out);
      } finally {
        OrtTable.release(releaseTypeAndShape, info);
      }
    } catch (Throwable e) {
      throw OrtTable.unexpected(e);
    }
  }

  /** Of a tensor's description; {@code out} is scratch of a pointer's size. */
  TensorType typeAndShape(MemorySegment info, MemorySegment out) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      table.check((MemorySegment) IN_OUT.invokeExact(getTensorElementType, info, out));
      int elementType = out.get(JAVA_INT, 0);
      table.check((MemorySegment) IN_OUT.invokeExact(getDimensionsCount, info, out));
      long rank = out.get(JAVA_LONG, 0);
      MemorySegment dims = arena.allocate(JAVA_LONG, Math.max(1, rank));
      table.check((MemorySegment) IN_OUT_COUNT.invokeExact(getDimensions, info, dims, rank));
      return new TensorType(
          elementType, dims.asSlice(0, rank * JAVA_LONG.byteSize()).toArray(JAVA_LONG));
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
      table.check(
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
      throw OrtTable.unexpected(e);
    }
  }

  /** Gives a tensor back; using it afterwards ends the process. From any thread. */
  void releaseValue(MemorySegment value) {
    OrtTable.release(releaseValue, value);
  }
}
