package org.etalon.conversion.onnx;

/** Element types, with their numbers in {@code TensorProto.DataType}. */
public enum ElementType {
  FP32(1),
  UINT8(2),
  INT8(3),
  INT32(6),
  INT64(7),
  BOOL(9),
  FP64(11);

  private final int number;

  ElementType(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }
}
