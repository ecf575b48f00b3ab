package org.etalon.analysis.dataset;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.etalon.inference.DataType;

/**
 * NumPy's names of the datatypes that both have. BF16 and BYTES have no counterpart among NumPy's
 * fixed-size types, complex numbers none in the protocol.
 */
final class ArrayTypes {
  private static final Map<String, DataType> BY_DTYPE =
      Map.ofEntries(
          Map.entry("|b1", DataType.BOOL),
          Map.entry("|u1", DataType.UINT8),
          Map.entry("<u2", DataType.UINT16),
          Map.entry("<u4", DataType.UINT32),
          Map.entry("<u8", DataType.UINT64),
          Map.entry("|i1", DataType.INT8),
          Map.entry("<i2", DataType.INT16),
          Map.entry("<i4", DataType.INT32),
          Map.entry("<i8", DataType.INT64),
          Map.entry("<f2", DataType.FP16),
          Map.entry("<f4", DataType.FP32),
          Map.entry("<f8", DataType.FP64));

  private static final Map<DataType, String> BY_DATATYPE =
      BY_DTYPE.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));

  private ArrayTypes() {}

  static Optional<DataType> datatype(String dtype) {
    return Optional.ofNullable(BY_DTYPE.get(dtype));
  }

  static Optional<String> dtype(DataType datatype) {
    return Optional.ofNullable(BY_DATATYPE.get(datatype));
  }
}
