package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** Where an instance takes one input. Owned by one thread. */
final class InputSlot {
  private final ModelLabel label;
  private final String name;
  private final DataType datatype;
  private final TensorCache cache;
  private final MemorySegment nativeName;
  private @Nullable Arena stagingArena;
  private MemorySegment staging = MemorySegment.NULL;

  InputSlot(ModelLabel label, TensorSpec spec, TensorCache cache, MemorySegment nativeName) {
    this.label = label;
    this.name = spec.name();
    this.datatype = spec.datatype();
    this.cache = cache;
    this.nativeName = nativeName;
  }

  String name() {
    return name;
  }

  MemorySegment nativeName() {
    return nativeName;
  }

  boolean isString() {
    return datatype == DataType.BYTES;
  }

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if the tensor does not fit: ONNX
   *     Runtime takes memory on trust
   */
  void check(Tensor tensor) {
    if (tensor.datatype() != datatype) {
      throw label.invalid(
          "input '%s': %s (expected: %s)".formatted(name, tensor.datatype(), datatype));
    }
  }

  /** The tensor over the memory as it lies, or over a copy if it lies on the heap or unaligned. */
  MemorySegment wrap(Tensor tensor) throws OrtException {
    return cache.tensor(aligned(tensor.data()), tensor.shape());
  }

  @SuppressWarnings("MustBeClosedChecker") // kept for the next batch, closed with the slot
  private MemorySegment aligned(MemorySegment data) {
    if (data.isNative() && data.address() % datatype.elementBytes() == 0) {
      return data;
    }
    if (staging.byteSize() < data.byteSize()) {
      closeStaging();
      Arena arena = Arena.ofConfined();
      stagingArena = arena;
      staging = arena.allocate(data.byteSize(), 64);
    }
    return staging.asSlice(0, data.byteSize()).copyFrom(data);
  }

  private void closeStaging() {
    if (stagingArena != null) {
      stagingArena.close();
    }
  }

  void close() {
    cache.close();
    closeStaging();
  }
}
