package org.etalon.engine.repository;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.NpyArray;
import org.etalon.inference.npy.NpyDataTypes;

/** Single values of tensors and arrays, to be compared. */
final class NpyValues {
  private NpyValues() {}

  /**
   * NumPy's name of a datatype.
   *
   * @throws ServingException INVALID_ARGUMENT for BYTES and BF16, which .npy files do not hold
   */
  static String dtype(DataType datatype) {
    return NpyDataTypes.dtype(datatype)
        .orElseThrow(() ->
            ServingException.invalid(
                "reference: .npy files cannot hold %s (remedy: no reference for this tensor)"
                    .formatted(datatype)));
  }

  /**
   * How far two values are apart: 0 if they are equal, both not a number or the same infinity; NaN
   * if one is not a number.
   */
  static double distance(Tensor given, long at, NpyArray expected, long expectedAt) {
    boolean areLongs = isLong(given.datatype()) && dtype(given.datatype()).equals(expected.dtype());
    if (areLongs) {
      long a = given.data().get(Tensor.LONG, 8 * at);
      long b = expected.data().get(Tensor.LONG, 8 * expectedAt);
      return longDistance(given.datatype(), a, b);
    }
    double a = value(given.datatype(), given.data(), at);
    double b = value(datatype(expected), expected.data(), expectedAt);
    return a == b || (Double.isNaN(a) && Double.isNaN(b)) ? 0 : Math.abs(a - b);
  }

  /** The same of two tensors of one datatype, at one place. */
  static double distance(Tensor given, Tensor other, long at) {
    if (isLong(given.datatype())) {
      long a = given.data().get(Tensor.LONG, 8 * at);
      long b = other.data().get(Tensor.LONG, 8 * at);
      return longDistance(given.datatype(), a, b);
    }
    double a = value(given.datatype(), given.data(), at);
    double b = value(given.datatype(), other.data(), at);
    return a == b || (Double.isNaN(a) && Double.isNaN(b)) ? 0 : Math.abs(a - b);
  }

  /** As doubles, different ones may be equal. */
  private static double longDistance(DataType datatype, long a, long b) {
    return a == b ? 0 : Math.max(1, Math.abs(wide(datatype, a) - wide(datatype, b)));
  }

  static String text(Tensor tensor, long at) {
    return text(tensor.datatype(), tensor.data(), at);
  }

  static String text(NpyArray array, long at) {
    return text(datatype(array), array.data(), at);
  }

  private static String text(DataType datatype, MemorySegment data, long at) {
    return switch (datatype) {
      case FP32 -> Float.toString(data.get(Tensor.FLOAT, 4 * at));
      case INT64 -> Long.toString(data.get(Tensor.LONG, 8 * at));
      case UINT64 -> Long.toUnsignedString(data.get(Tensor.LONG, 8 * at));
      default -> Double.toString(value(datatype, data, at));
    };
  }

  private static boolean isLong(DataType datatype) {
    return datatype == DataType.INT64 || datatype == DataType.UINT64;
  }

  private static double wide(DataType datatype, long value) {
    if (datatype == DataType.INT64 || value >= 0) {
      return value;
    }
    return ((value >>> 1) | (value & 1)) * 2.0; // keeps the rounding of the bit shifted out
  }

  private static DataType datatype(NpyArray array) {
    return NpyDataTypes.datatype(array.dtype())
        .orElseThrow(() ->
            ServingException.invalid(
                "reference: an array of %s (expected: real numbers)".formatted(array)));
  }

  private static double value(DataType datatype, MemorySegment data, long at) {
    return switch (datatype) {
      case BOOL, UINT8 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, at);
      case UINT16 -> data.get(Tensor.SHORT, 2 * at) & 0xFFFF;
      case INT16 -> data.get(Tensor.SHORT, 2 * at);
      case UINT32 -> Integer.toUnsignedLong(data.get(Tensor.INT, 4 * at));
      case INT32 -> data.get(Tensor.INT, 4 * at);
      case UINT64, INT64 -> wide(datatype, data.get(Tensor.LONG, 8 * at));
      case FP16 -> Float.float16ToFloat(data.get(Tensor.SHORT, 2 * at));
      case BF16 -> Float.intBitsToFloat(data.get(Tensor.SHORT, 2 * at) << Short.SIZE);
      case FP32 -> data.get(Tensor.FLOAT, 4 * at);
      case FP64 -> data.get(Tensor.DOUBLE, 8 * at);
      case BYTES ->
          throw ServingException.invalid("reference: BYTES cannot be compared with numbers");
    };
  }
}
