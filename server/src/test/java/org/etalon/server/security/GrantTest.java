package org.etalon.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GrantTest {
  @ParameterizedTest
  @CsvSource({
    "bbh, bbh, true",
    "bbh, bbh2, false",
    "bbh*, bbh2, true",
    "*_onnx, bbh_onnx, true",
    "*_onnx, bbh_onnx2, false",
    "b*h*, bbh, true",
    "b.h, bbh, false",
    "*, anything, true"
  })
  void matchesModelsByGlobs(String glob, String model, boolean allows) {
    Grant grant = Grant.ofModels(Set.of(Right.INFER), List.of(glob));
    assertThat(grant.allows(Right.INFER, model)).isEqualTo(allows);
    assertThat(grant.allows(Right.CONTROL, model)).isFalse();
  }
}
