package org.etalon.engine.repository;

import org.etalon.inference.DataType;

/** Datatypes as configurations name them. */
final class DataTypes {
  private DataTypes() {}

  /**
   * @throws IllegalArgumentException if none is given
   */
  static DataType of(org.etalon.protocol.proto.DataType configured) {
    return switch (configured) {
      case TYPE_STRING -> DataType.BYTES;
      case TYPE_INVALID, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "data_type: " + configured + " (expected: a datatype)");
      default -> DataType.valueOf(configured.name().substring("TYPE_".length()));
    };
  }
}
