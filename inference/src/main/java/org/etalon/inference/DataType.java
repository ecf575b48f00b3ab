package org.etalon.inference;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The element type of a tensor, by the names of the Open Inference Protocol.
 *
 * <p>All numbers are little-endian. {@link #BOOL} is one byte, {@link #BF16} the upper half of an
 * {@link #FP32}. An element of {@link #BYTES} is a 4-byte little-endian length and that many bytes,
 * elements one after another in row-major order.
 */
public enum DataType {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FP16(2),
  BF16(2),
  FP32(4),
  FP64(8),
  BYTES(0);

  private static final Map<String, DataType> BY_NAME = new HashMap<>();

  static {
    for (DataType type : values()) {
      BY_NAME.put(type.name(), type);
    }
  }

  private final int elementBytes;

  DataType(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** True if every element takes the same number of bytes: all but {@link #BYTES}. */
  public boolean isFixedSize() {
    return elementBytes > 0;
  }

  /**
   * Bytes of one element.
   *
   * @throws IllegalStateException for {@link #BYTES}, whose elements differ in size
   */
  public int elementBytes() {
    if (elementBytes == 0) {
      throw new IllegalStateException("elements of BYTES have no fixed size");
    }
    return elementBytes;
  }

  /** The type of that protocol name, such as {@code FP32}; names are case-sensitive. */
  public static Optional<DataType> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
