package org.etalon.strain.opendata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenDataConfigTest {
  @Test
  void namesEveryFaultAtOnce() {
    assertThatThrownBy(() ->
            new OpenDataConfig(
                URI.create("gwosc.org"), Path.of("x"), Duration.ZERO, Duration.ofSeconds(-1), 21))
        .hasMessageContainingAll(
            "baseUrl: gwosc.org", "connectTimeout: PT0S", "requestTimeout: PT-1S", "retries: 21");
  }

  @Test
  void asksGwoscUnlessToldOtherwise() {
    OpenDataConfig config = OpenDataConfig.gwosc(Path.of("cache"));
    assertThat(config.baseUrl()).hasToString("https://gwosc.org");
    assertThat(config.withBaseUrl(URI.create("http://localhost:1")).baseUrl())
        .hasToString("http://localhost:1");
  }

  @Test
  void ranksNamesByHowFarTheyAreFromTheOneAskedFor() {
    List<String> known =
        List.of(
            "GW170817", "GW150914", "GW151012", "GW190521_030229", "GW190521_074359", "GW170817");
    assertThat(NearestNames.of("gw150915", known)).startsWith("GW150914");
    assertThat(NearestNames.of("GW190521", known)).startsWith("GW190521_030229", "GW190521_074359");
    assertThat(NearestNames.of("supernova", known)).isEmpty();
    assertThat(NearestNames.of("GW170817", known)).doesNotHaveDuplicates();
  }

  @Test
  void understandsAWaitInSecondsAndIgnoresDates() {
    assertThat(Words.retryAfter(" 12 ")).isEqualTo(Duration.ofSeconds(12));
    assertThat(Words.retryAfter("Wed, 21 Oct 2015 07:28:00 GMT")).isZero();
    assertThat(Words.retryAfter("99999999999999999999")).isZero();
    assertThat(Words.retryAfter("")).isZero();
  }
}
