package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GrpcTimeoutTest {
  @ParameterizedTest
  @CsvSource({
    "1H, 3600000000000",
    "2M, 120000000000",
    "3S, 3000000000",
    "4m, 4000000",
    "5u, 5000",
    "99999999n, 99999999"
  })
  void readsEveryUnit(String header, long nanos) {
    assertThat(GrpcTimeout.nanos(header)).hasValue(nanos);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "S", "1", "-1S", "1x", "123456789S", "1.5S"})
  void refusesWhatIsNotOne(String header) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GrpcTimeout.nanos(header))
        .withMessageContaining("expected: up to 8 digits");
  }
}
