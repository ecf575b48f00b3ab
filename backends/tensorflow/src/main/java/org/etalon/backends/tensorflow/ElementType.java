package org.etalon.backends.tensorflow;

import java.util.Optional;
import org.etalon.inference.DataType;

/** TensorFlow's numbers of element types, {@code TF_DataType}. */
final class ElementType {
  private ElementType() {}

  static int number(DataType datatype) {
    return switch (datatype) {
      case FP32 -> 1;
      case FP64 -> 2;
      case INT32 -> 3;
      case UINT8 -> 4;
      case INT16 -> 5;
      case INT8 -> 6;
      case BYTES -> 7;
      case INT64 -> 9;
      case BOOL -> 10;
      case BF16 -> 14;
      case UINT16 -> 17;
      case FP16 -> 19;
      case UINT32 -> 22;
      case UINT64 -> 23;
    };
  }

  /** Empty for types that the protocol cannot carry, such as complex numbers. */
  static Optional<DataType> of(int number) {
    for (DataType datatype : DataType.values()) {
      if (number(datatype) == number) {
        return Optional.of(datatype);
      }
    }
    return Optional.empty();
  }

  /** The configuration's name, such as {@code TYPE_FP32}. */
  static org.etalon.protocol.proto.DataType configured(DataType datatype) {
    return datatype == DataType.BYTES
        ? org.etalon.protocol.proto.DataType.TYPE_STRING
        : org.etalon.protocol.proto.DataType.valueOf("TYPE_" + datatype.name());
  }
}
