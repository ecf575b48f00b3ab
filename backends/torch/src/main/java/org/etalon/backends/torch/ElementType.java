package org.etalon.backends.torch;

import java.util.Optional;
import org.etalon.inference.DataType;

/** libtorch's numbers of element types, {@code c10::ScalarType}. */
final class ElementType {
  private ElementType() {}

  /**
   * @throws IllegalArgumentException for {@code BYTES}: libtorch has no tensors of strings
   */
  static int number(DataType datatype) {
    return switch (datatype) {
      case UINT8 -> 0;
      case INT8 -> 1;
      case INT16 -> 2;
      case INT32 -> 3;
      case INT64 -> 4;
      case FP16 -> 5;
      case FP32 -> 6;
      case FP64 -> 7;
      case BOOL -> 11;
      case BF16 -> 15;
      case UINT16 -> 27;
      case UINT32 -> 28;
      case UINT64 -> 29;
      case BYTES -> throw new IllegalArgumentException("libtorch has no tensors of strings");
    };
  }

  /** Empty for types that the protocol cannot carry, such as complex numbers. */
  static Optional<DataType> of(int number) {
    for (DataType datatype : DataType.values()) {
      if (datatype.isFixedSize() && number(datatype) == number) {
        return Optional.of(datatype);
      }
    }
    return Optional.empty();
  }

  /** The type of a configuration, such as {@code TYPE_FP32}; empty for strings and none. */
  static Optional<DataType> of(org.etalon.protocol.proto.DataType configured) {
    String name = configured.name();
    return name.startsWith("TYPE_")
        ? DataType.named(name.substring("TYPE_".length()))
        : Optional.empty();
  }
}
