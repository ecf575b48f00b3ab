package org.etalon.engine.config;

import org.etalon.inference.DataType;

/** Datatypes as configurations name them. */
public final class ConfiguredDataType {
  private ConfiguredDataType() {}

  /**
   * The datatype that a configuration names.
   *
   * @throws IllegalArgumentException if it names none
   */
  public static DataType of(org.etalon.protocol.proto.DataType configured) {
    return switch (configured) {
      case TYPE_BOOL -> DataType.BOOL;
      case TYPE_UINT8 -> DataType.UINT8;
      case TYPE_UINT16 -> DataType.UINT16;
      case TYPE_UINT32 -> DataType.UINT32;
      case TYPE_UINT64 -> DataType.UINT64;
      case TYPE_INT8 -> DataType.INT8;
      case TYPE_INT16 -> DataType.INT16;
      case TYPE_INT32 -> DataType.INT32;
      case TYPE_INT64 -> DataType.INT64;
      case TYPE_FP16 -> DataType.FP16;
      case TYPE_BF16 -> DataType.BF16;
      case TYPE_FP32 -> DataType.FP32;
      case TYPE_FP64 -> DataType.FP64;
      case TYPE_STRING -> DataType.BYTES;
      case TYPE_INVALID, UNRECOGNIZED ->
          throw new IllegalArgumentException(
              "data_type: " + configured + " (expected: a datatype)");
    };
  }
}
