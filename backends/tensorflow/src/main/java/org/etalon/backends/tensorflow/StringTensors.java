package org.etalon.backends.tensorflow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;

/**
 * Carries {@code BYTES} tensors over to TensorFlow's string tensors and back. Owned by one thread.
 *
 * <p>A string of TensorFlow is any bytes; its tensors hold {@code TF_TString} structures.
 */
final class StringTensors {
  private static final long STRING_BYTES = 24;
  private static final int LENGTH_BYTES = Integer.BYTES;

  private final TensorFlowApi api;
  private final ModelLabel label;

  StringTensors(TensorFlowApi api, ModelLabel label) {
    this.api = api;
    this.label = label;
  }

  /**
   * A tensor with the elements of a {@code BYTES} one, the caller's to delete, and its strings with
   * it.
   */
  MemorySegment create(Tensor tensor, MemorySegment dims) {
    long expected = tensor.shape().elementCount();
    if (count(tensor) != expected) {
      throw label.invalid(
          "input '%s': %d elements (expected: %d for shape %s)"
              .formatted(tensor.name(), count(tensor), expected, tensor.shape()));
    }
    MemorySegment created =
        api.allocateTensor(
            ElementType.number(DataType.BYTES),
            dims,
            tensor.shape().rank(),
            expected * STRING_BYTES);
    MemorySegment strings = api.data(created);
    MemorySegment data = tensor.data();
    long at = 0;
    for (long i = 0; i < expected; i++) {
      long end = BytesElements.skip(data, at, 1);
      api.setString(string(strings, i), data.asSlice(at + LENGTH_BYTES, end - at - LENGTH_BYTES));
      at = end;
    }
    return created;
  }

  private long count(Tensor tensor) {
    try {
      return BytesElements.count(tensor.data());
    } catch (IllegalArgumentException e) {
      throw label.invalid("input '%s': %s".formatted(tensor.name(), e.getMessage()));
    }
  }

  /** The elements as a {@code BYTES} tensor has them, on the heap. */
  MemorySegment read(MemorySegment tensor, long count) {
    MemorySegment strings = api.data(tensor);
    List<byte[]> elements = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      elements.add(api.stringBytes(string(strings, i)).toArray(ValueLayout.JAVA_BYTE));
    }
    return BytesElements.encode(elements);
  }

  private static MemorySegment string(MemorySegment strings, long index) {
    return strings.asSlice(index * STRING_BYTES, STRING_BYTES);
  }
}
