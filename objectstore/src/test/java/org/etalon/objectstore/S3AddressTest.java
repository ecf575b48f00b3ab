package org.etalon.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class S3AddressTest {
  @ParameterizedTest
  @CsvSource({
    "s3://models, , models, ''",
    "s3://models/, , models, ''",
    "s3://models/ligo/o4, , models, ligo/o4/",
    "s3://models/ligo/, , models, ligo/",
    "s3://store:9000/models/ligo, http://store:9000, models, ligo/",
    "s3://http://store:9000/models, http://store:9000, models, ''",
    "s3://https://store/models/a, https://store, models, a/",
  })
  void readsEveryForm(String text, String endpoint, String bucket, String prefix) {
    assertThat(S3Address.of(text))
        .isEqualTo(new S3Address(Optional.ofNullable(endpoint).map(URI::create), bucket, prefix));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://", "s3:///models", "s3://store:9000", "s3://store:9000/", "s3://b"})
  void refusesOthersAndSaysWhatIsExpected(String text) {
    assertThatThrownBy(() -> S3Address.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("expected: s3://BUCKET/PREFIX");
  }

  @Test
  void readsTheEnvironment() {
    S3Settings settings =
        S3Settings.of(
            Map.of(
                "AWS_ACCESS_KEY_ID", "id",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "AWS_SESSION_TOKEN", "token",
                "AWS_DEFAULT_REGION", "eu-central-1",
                "AWS_ENDPOINT_URL", "http://store:9000/"));

    assertThat(settings)
        .isEqualTo(
            new S3Settings(
                "eu-central-1",
                Optional.of(new S3Settings.Credentials("id", "secret", Optional.of("token"))),
                Optional.of(URI.create("http://store:9000"))));
    assertThat(settings.toString()).doesNotContain("secret").doesNotContain("token");
  }

  @Test
  void asksAnonymouslyWithoutAKey() {
    assertThat(S3Settings.of(Map.of()).credentials()).isEmpty();
  }

  @Test
  void refusesAKeyWithoutItsSecret() {
    assertThatThrownBy(() -> S3Settings.of(Map.of("AWS_ACCESS_KEY_ID", "id")))
        .hasMessageContaining("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY");
  }

  @ParameterizedTest
  @ValueSource(strings = {"store:9000", "ftp://store", "http://store/path"})
  void refusesAnEndpointThatIsNoServer(String endpoint) {
    assertThatThrownBy(() -> S3Settings.of(Map.of("AWS_ENDPOINT_URL", endpoint)))
        .hasMessageContaining("AWS_ENDPOINT_URL")
        .hasMessageContaining(endpoint);
  }
}
