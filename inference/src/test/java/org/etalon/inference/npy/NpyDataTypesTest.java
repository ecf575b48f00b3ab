package org.etalon.inference.npy;

import static org.assertj.core.api.Assertions.assertThat;

import org.etalon.inference.DataType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyDataTypesTest {
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"BF16", "BYTES"})
  void givesBackTheDatatypeThatItNamed(DataType datatype) {
    String dtype = NpyDataTypes.dtype(datatype).orElseThrow();
    assertThat(NpyDataTypes.datatype(dtype)).contains(datatype);
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"BF16", "BYTES"})
  void hasNoNameForWhatNumPyLacks(DataType datatype) {
    assertThat(NpyDataTypes.dtype(datatype)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"<c8", ">f4", "|O", ""})
  void hasNoDatatypeForWhatTheProtocolLacks(String dtype) {
    assertThat(NpyDataTypes.datatype(dtype)).isEmpty();
  }
}
