package org.etalon.backends.torch;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.etalon.engine.backend.Device;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;

/**
 * Tensors by libtorch's own C interface, the {@code aoti_torch} functions of {@code
 * torch/csrc/inductor/aoti_torch/c/shim.h}: it knows every element type, where DJL's binding knows
 * eight and ends the process on others. Owned by one thread.
 *
 * <p>A tensor's handle is a pointer that DJL's binding takes too; {@link #delete} frees it.
 */
final class TensorApi implements AutoCloseable {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final SymbolLookup LIBRARY = SymbolLookup.loaderLookup();
  private static final MethodHandle FROM_BLOB =
      function(
          "create_tensor_from_blob",
          ADDRESS,
          JAVA_LONG,
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          ADDRESS);
  private static final MethodHandle EMPTY =
      function("empty_strided", JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle COPY = function("copy_", JAVA_LONG, JAVA_LONG, JAVA_INT);
  private static final MethodHandle DATA_TYPE = function("get_dtype", JAVA_LONG, ADDRESS);
  private static final MethodHandle DIMS = function("get_dim", JAVA_LONG, ADDRESS);
  private static final MethodHandle SIZES = function("get_sizes", JAVA_LONG, ADDRESS);
  private static final MethodHandle DELETE = function("delete_tensor_object", JAVA_LONG);

  /** More dimensions than any tensor of a model has. */
  private static final int MAX_RANK = 64;

  @SuppressWarnings("MustBeClosedChecker") // closed with this
  private final Arena arena = Arena.ofConfined();

  private final MemorySegment sizes = arena.allocate(JAVA_LONG, MAX_RANK);
  private final MemorySegment strides = arena.allocate(JAVA_LONG, MAX_RANK);
  private final MemorySegment out = arena.allocate(JAVA_LONG);

  private static MethodHandle function(String name, java.lang.foreign.MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LIBRARY.findOrThrow("aoti_torch_" + name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** A tensor on the processor over memory, which must outlive it. */
  long over(MemorySegment data, DataType datatype, Shape shape) {
    write(shape);
    try {
      require(
          (int)
              FROM_BLOB.invokeExact(
                  data,
                  (long) shape.rank(),
                  sizes,
                  strides,
                  0L,
                  ElementType.number(datatype),
                  0,
                  0,
                  out),
          "make a tensor of shape " + shape);
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** A tensor on a device whose elements are not set. */
  long empty(DataType datatype, Shape shape, Device device) {
    write(shape);
    int[] numbers = TorchRuntime.numbers(device);
    try {
      require(
          (int)
              EMPTY.invokeExact(
                  (long) shape.rank(),
                  sizes,
                  strides,
                  ElementType.number(datatype),
                  numbers[0],
                  numbers[1],
                  out),
          "make a tensor of shape %s on %s".formatted(shape, device));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** Copies elements between tensors of one shape, on whatever devices. */
  void copy(long target, long source) {
    try {
      require((int) COPY.invokeExact(target, source, 0), "copy a tensor");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  /** The number of its element type. */
  int elementType(long tensor) {
    try {
      require((int) DATA_TYPE.invokeExact(tensor, out), "tell an element type");
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  Shape shape(long tensor) {
    try {
      require((int) DIMS.invokeExact(tensor, out), "tell a rank");
      int rank = Math.toIntExact(out.get(JAVA_LONG, 0));
      require((int) SIZES.invokeExact(tensor, out), "tell a shape");
      MemorySegment extents =
          MemorySegment.ofAddress(out.get(JAVA_LONG, 0)).reinterpret(rank * JAVA_LONG.byteSize());
      return Shape.of(extents.toArray(JAVA_LONG));
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  void delete(long tensor) {
    try {
      require((int) DELETE.invokeExact(tensor), "free a tensor");
    } catch (Throwable e) {
      throw failure(e);
    }
  }

  private void write(Shape shape) {
    if (shape.rank() > MAX_RANK) {
      throw ServingException.invalid(
          "shape %s has %d dimensions (expected: %d at most)"
              .formatted(shape, shape.rank(), MAX_RANK));
    }
    long stride = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      sizes.setAtIndex(JAVA_LONG, i, shape.dim(i));
      strides.setAtIndex(JAVA_LONG, i, stride);
      stride *= Math.max(1, shape.dim(i));
    }
  }

  private static void require(int error, String action) {
    if (error != 0) {
      throw new ServingException(
          ErrorCode.INTERNAL, "libtorch could not %s (its reason is in the log)".formatted(action));
    }
  }

  private static RuntimeException failure(Throwable thrown) {
    return switch (thrown) {
      case RuntimeException known -> known;
      case Error fatal -> throw fatal;
      default -> new IllegalStateException(thrown);
    };
  }

  @Override
  public void close() {
    arena.close();
  }
}
