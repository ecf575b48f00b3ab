package org.etalon.conversion.onnx;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Values of a graph that are known beforehand.
 *
 * @param dims its extents; empty for a single value
 * @param data row-major, little-endian
 */
public record OnnxTensor(ElementType type, List<Long> dims, ByteString data) {
  public OnnxTensor {
    dims = List.copyOf(dims);
  }

  public static OnnxTensor of(List<Long> dims, float[] values) {
    ByteBuffer bytes = buffer(values.length * Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return new OnnxTensor(ElementType.FP32, dims, ByteString.copyFrom(bytes));
  }

  public static OnnxTensor of(List<Long> dims, double[] values) {
    ByteBuffer bytes = buffer(values.length * Double.BYTES);
    bytes.asDoubleBuffer().put(values);
    return new OnnxTensor(ElementType.FP64, dims, ByteString.copyFrom(bytes));
  }

  public static OnnxTensor of(List<Long> dims, int[] values) {
    ByteBuffer bytes = buffer(values.length * Integer.BYTES);
    bytes.asIntBuffer().put(values);
    return new OnnxTensor(ElementType.INT32, dims, ByteString.copyFrom(bytes));
  }

  public static OnnxTensor of(List<Long> dims, long[] values) {
    ByteBuffer bytes = buffer(values.length * Long.BYTES);
    bytes.asLongBuffer().put(values);
    return new OnnxTensor(ElementType.INT64, dims, ByteString.copyFrom(bytes));
  }

  /** Truth values. */
  public static OnnxTensor of(List<Long> dims, boolean[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return new OnnxTensor(ElementType.BOOL, dims, ByteString.copyFrom(bytes));
  }

  /** A row of whole numbers. */
  public static OnnxTensor row(List<Long> values) {
    return of(List.of((long) values.size()), values.stream().mapToLong(Long::longValue).toArray());
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Its values as whole numbers.
   *
   * @throws IllegalStateException if they are not of type INT32 or INT64
   */
  public List<Long> wholes() {
    ByteBuffer bytes = data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return switch (type) {
      case INT64 ->
          LongStream.generate(bytes::getLong).limit(data.size() / Long.BYTES).boxed().toList();
      case INT32 ->
          IntStream.generate(bytes::getInt)
              .limit(data.size() / Integer.BYTES)
              .mapToObj(value -> (long) value)
              .toList();
      case FP32, FP64, UINT8, INT8, BOOL ->
          throw new IllegalStateException("values of type " + type + " (expected: INT32, INT64)");
    };
  }
}
