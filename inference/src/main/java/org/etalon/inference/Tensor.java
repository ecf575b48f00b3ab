package org.etalon.inference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A named array: a datatype, a shape and the memory of its elements in row-major order.
 *
 * <p>A tensor borrows its memory. Who lends it, and until when, is said where the tensor comes
 * from: {@link InferenceRequest} for inputs, {@link InferenceResponse} for outputs. The memory may
 * be on or off the heap and need not be aligned.
 *
 * @param name the tensor's name in its model
 * @param datatype the elements' type
 * @param shape the extents; for a model that batches, the first is the batch
 * @param data the elements, exactly as many bytes as datatype and shape ask for (any number for
 *     {@link DataType#BYTES}, see {@link BytesElements})
 */
public record Tensor(String name, DataType datatype, Shape shape, MemorySegment data) {
  /** Little-endian and unaligned, as tensors lie in receive buffers. */
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  public static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * @throws IllegalArgumentException if the memory is not of the size that datatype and shape ask
   *     for
   */
  public Tensor {
    if (datatype.isFixedSize()) {
      long expected = byteSize(datatype, shape);
      if (data.byteSize() != expected) {
        throw new IllegalArgumentException(
            "tensor '%s': %d bytes (expected: %d for %s %s)"
                .formatted(name, data.byteSize(), expected, datatype, shape));
      }
    }
  }

  /** An FP32 tensor over a heap array, which is not copied. */
  public static Tensor of(String name, Shape shape, float[] values) {
    return new Tensor(name, DataType.FP32, shape, MemorySegment.ofArray(values));
  }

  /** A BYTES tensor of UTF-8 strings, on the heap. */
  public static Tensor ofStrings(String name, Shape shape, List<String> values) {
    return new Tensor(
        name,
        DataType.BYTES,
        shape,
        BytesElements.encode(
            values.stream().map(value -> value.getBytes(StandardCharsets.UTF_8)).toList()));
  }

  /** Bytes that a tensor of this type and shape takes; the type must have a fixed size. */
  public static long byteSize(DataType datatype, Shape shape) {
    try {
      return Math.multiplyExact(shape.elementCount(), (long) datatype.elementBytes());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape: %s (expected: less than 2^63 bytes)".formatted(shape), e);
    }
  }

  /** The same memory under another name. */
  public Tensor named(String other) {
    return name.equals(other) ? this : new Tensor(other, datatype, shape, data);
  }

  /** A copy on the heap that borrows nothing. */
  public Tensor copy() {
    byte[] bytes = data.toArray(ValueLayout.JAVA_BYTE);
    return new Tensor(name, datatype, shape, MemorySegment.ofArray(bytes));
  }

  /**
   * The elements as an array.
   *
   * @throws IllegalStateException if the datatype is not FP32
   */
  public float[] toFloats() {
    if (datatype != DataType.FP32) {
      throw new IllegalStateException("tensor '%s' is %s, not FP32".formatted(name, datatype));
    }
    return data.toArray(FLOAT);
  }
}
