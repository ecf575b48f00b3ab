package org.etalon.backends.pjrt;

import org.etalon.inference.DataType;

/** PJRT's numbers of element types, {@code PJRT_Buffer_Type}. */
final class ElementType {
  /** Of what PJRT does not have: strings. */
  private static final int NONE = 0;

  private ElementType() {}

  static int number(DataType datatype) {
    return switch (datatype) {
      case BOOL -> 1;
      case INT8 -> 2;
      case INT16 -> 3;
      case INT32 -> 4;
      case INT64 -> 5;
      case UINT8 -> 6;
      case UINT16 -> 7;
      case UINT32 -> 8;
      case UINT64 -> 9;
      case FP16 -> 10;
      case FP32 -> 11;
      case FP64 -> 12;
      case BF16 -> 13;
      case BYTES -> NONE;
    };
  }

  /** The datatype's name, or the number of a type that the protocol cannot carry. */
  static String text(int number) {
    for (DataType datatype : DataType.values()) {
      if (number != NONE && number(datatype) == number) {
        return datatype.name();
      }
    }
    return "type " + number;
  }
}
