package org.etalon.inference.npy;

import java.util.Optional;
import org.etalon.inference.DataType;

/**
 * NumPy's names of the datatypes that both have. BF16 and BYTES have no counterpart among NumPy's
 * fixed-size types, complex numbers none in the protocol.
 */
public final class NpyDataTypes {
  private NpyDataTypes() {}

  /** The datatype of items that NumPy names {@code dtype}, such as {@code "<f4"}. */
  public static Optional<DataType> datatype(String dtype) {
    for (DataType datatype : DataType.values()) {
      if (dtype(datatype).filter(dtype::equals).isPresent()) {
        return Optional.of(datatype);
      }
    }
    return Optional.empty();
  }

  /** NumPy's name of a datatype, little-endian. */
  public static Optional<String> dtype(DataType datatype) {
    return switch (datatype) {
      case BOOL -> Optional.of(NpyType.B1.dtype());
      case UINT8 -> Optional.of(NpyType.U1.dtype());
      case UINT16 -> Optional.of(NpyType.U2.dtype());
      case UINT32 -> Optional.of(NpyType.U4.dtype());
      case UINT64 -> Optional.of(NpyType.U8.dtype());
      case INT8 -> Optional.of(NpyType.I1.dtype());
      case INT16 -> Optional.of(NpyType.I2.dtype());
      case INT32 -> Optional.of(NpyType.I4.dtype());
      case INT64 -> Optional.of(NpyType.I8.dtype());
      case FP16 -> Optional.of(NpyType.F2.dtype());
      case FP32 -> Optional.of(NpyType.F4.dtype());
      case FP64 -> Optional.of(NpyType.F8.dtype());
      case BF16, BYTES -> Optional.empty();
    };
  }
}
