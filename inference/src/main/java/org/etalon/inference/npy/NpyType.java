package org.etalon.inference.npy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/** The item types that can be read: NumPy's booleans, integers, floats and complex numbers. */
enum NpyType {
  B1("|b1", 1, 1),
  I1("|i1", 1, 1),
  I2("<i2", 2, 2),
  I4("<i4", 4, 4),
  I8("<i8", 8, 8),
  U1("|u1", 1, 1),
  U2("<u2", 2, 2),
  U4("<u4", 4, 4),
  U8("<u8", 8, 8),
  F2("<f2", 2, 2),
  F4("<f4", 4, 4),
  F8("<f8", 8, 8),
  C8("<c8", 8, 4),
  C16("<c16", 16, 8);

  private static final double TWO_TO_64 = 0x1p64;

  private final String dtype;
  private final int itemBytes;
  private final int wordBytes;

  NpyType(String dtype, int itemBytes, int wordBytes) {
    this.dtype = dtype;
    this.itemBytes = itemBytes;
    this.wordBytes = wordBytes;
  }

  /** The type whose little-endian name is {@code dtype}, such as {@code "<f4"} or {@code "|u1"}. */
  static Optional<NpyType> named(String dtype) {
    for (NpyType type : values()) {
      if (type.dtype.equals(dtype)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  String dtype() {
    return dtype;
  }

  int itemBytes() {
    return itemBytes;
  }

  /** Bytes of what byte order applies to: the item, or half of it for a complex number. */
  int wordBytes() {
    return wordBytes;
  }

  /**
   * The word at {@code index} of little-endian {@code data}; those of a complex item are real, then
   * imaginary.
   */
  double wordAsDouble(MemorySegment data, long index) {
    return switch (this) {
      case B1, I1 -> data.get(ValueLayout.JAVA_BYTE, index);
      case U1 -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, index));
      case I2 -> data.get(LittleEndian.SHORT, index * 2);
      case U2 -> Short.toUnsignedInt(data.get(LittleEndian.SHORT, index * 2));
      case I4 -> data.get(LittleEndian.INT, index * 4);
      case U4 -> Integer.toUnsignedLong(data.get(LittleEndian.INT, index * 4));
      case I8 -> data.get(LittleEndian.LONG, index * 8);
      case U8 -> unsignedToDouble(data.get(LittleEndian.LONG, index * 8));
      case F2 -> Float.float16ToFloat(data.get(LittleEndian.SHORT, index * 2));
      case F4, C8 -> data.get(LittleEndian.FLOAT, index * 4);
      case F8, C16 -> data.get(LittleEndian.DOUBLE, index * 8);
    };
  }

  private static double unsignedToDouble(long bits) {
    if (bits >= 0) {
      return bits;
    }
    // Halve with the lost bit kept sticky, so that the one rounding of the conversion is the right
    // one.
    double half = (bits >>> 1) | (bits & 1);
    return half >= TWO_TO_64 / 2 ? TWO_TO_64 : half * 2;
  }
}
