package org.etalon.strain;

/** The datatype a channel is stored in. */
public enum SampleType {
  INT8(1),
  UINT8(1),
  INT16(2),
  UINT16(2),
  INT32(4),
  UINT32(4),
  INT64(8),
  UINT64(8),
  FLOAT32(4),
  FLOAT64(8),
  COMPLEX64(8),
  COMPLEX128(16);

  private final int bytes;

  SampleType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one sample, in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Real and imaginary part, one after the other. */
  public boolean isComplex() {
    return this == COMPLEX64 || this == COMPLEX128;
  }

  public boolean isRealFloating() {
    return this == FLOAT32 || this == FLOAT64;
  }

  public boolean isInteger() {
    return !isComplex() && !isRealFloating();
  }
}
