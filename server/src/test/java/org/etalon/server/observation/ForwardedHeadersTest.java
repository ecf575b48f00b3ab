package org.etalon.server.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.junit.jupiter.api.Test;

final class ForwardedHeadersTest {
  private static final InferenceRequest REQUEST =
      InferenceRequest.to(ModelId.of("m"))
          .parameters(Map.of("x-user", new Parameter.Text("claimed"), "a", new Parameter.Int64(1)))
          .build();

  @Test
  void makesMatchingHeadersParametersAboveThoseOfTheRequest() {
    InferenceRequest forwarded =
        ForwardedHeaders.matching("^x-")
            .addTo(
                REQUEST,
                List.of(
                    Map.entry("x-user", "known"),
                    Map.entry("X-Trace", "7"),
                    Map.entry("accept", "x-all"),
                    Map.entry("host", "h")));
    assertThat(forwarded.parameters())
        .isEqualTo(
            Map.of(
                "x-user", new Parameter.Text("known"),
                "X-Trace", new Parameter.Text("7"),
                "a", new Parameter.Int64(1)));
  }

  @Test
  void neverForwardsCredentials() {
    assertThat(
            ForwardedHeaders.matching(".*")
                .addTo(REQUEST, List.of(Map.entry("Authorization", "Bearer t")))
                .parameters())
        .doesNotContainKey("Authorization");
  }

  @Test
  void leavesTheRequestAloneWhereNothingIsForwarded() {
    assertThat(ForwardedHeaders.matching("").addTo(REQUEST, List.of(Map.entry("a", "b"))))
        .isSameAs(REQUEST);
    assertThatThrownBy(() -> ForwardedHeaders.matching("("))
        .hasMessageContaining("a regular expression");
  }
}
