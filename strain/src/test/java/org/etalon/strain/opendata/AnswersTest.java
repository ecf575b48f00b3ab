package org.etalon.strain.opendata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers of the API, ordinary and hostile. */
class AnswersTest {
  private static final URI EVENT_URL =
      URI.create("https://gwosc.org/eventapi/json/event/GW150914/");
  private static final String EVENT =
      """
      {"events": {"GW150914-v3": {"commonName": "GW150914", "version": 3, "GPS": 1126259462.4,
        "catalog.shortName": "GWTC-1-confident", "far": null, "parameters": {"a": [1, {"b": 2}]},
        "strain": [
          {"GPSstart": 1126259447, "detector": "H1", "duration": 32, "sampling_rate": 4096.0, "format": "hdf5",
           "url": "https://gwosc.org/a/H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5"},
          {"GPSstart": 1126259447, "detector": "H1", "duration": 32, "sampling_rate": 4096, "format": "txt",
           "url": "https://gwosc.org/a/H-H1_GWOSC_4KHZ_R1-1126259447-32.txt.gz"}]}}}
      """;

  @Test
  void readsAnEventAndLeavesOutFormatsNotReadHere() throws IOException {
    EventInfo event = details(EVENT).getFirst();
    assertThat(event.gpsNs()).isEqualTo(1_126_259_462_400_000_000L);
    assertThat(event.links()).singleElement().extracting(StrainLink::sampleRateHz).isEqualTo(4096);
    assertThat(event.links().getFirst().checksum()).isEmpty();
  }

  @Test
  void takesNameAndVersionFromTheKeyWhereTheEntryHasNone() throws IOException {
    List<EventAnswers.Listed> names =
        EventAnswers.names(
            bytes("{\"events\": {\"GW1-v2\": {\"commonName\": null}, \"odd\": {}}}"), EVENT_URL);
    assertThat(names)
        .containsExactly(
            new EventAnswers.Listed("GW1", "GW1", 2), new EventAnswers.Listed("odd", "odd", 1));
  }

  @Test
  void readsAFileUrlRelativeToTheAnswer() throws IOException {
    String relative = EVENT.replace("https://gwosc.org/a/H-", "../files/H-");
    assertThat(details(relative).getFirst().links().getFirst().url())
        .hasToString(
            "https://gwosc.org/eventapi/json/event/files/H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5");
  }

  @Test
  void prefersSha256ToMd5() throws IOException {
    String sums =
        "\"sha256\": \"" + "AB".repeat(32) + "\", \"md5\": \"" + "cd".repeat(16) + "\", \"url\"";
    StrainLink link = details(EVENT.replaceFirst("\"url\"", sums)).getFirst().links().getFirst();
    assertThat(link.checksum()).contains(new Checksum(Checksum.Algorithm.SHA256, "ab".repeat(32)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://gwosc.org/a/..%2f..%2fetc%2fpasswd.hdf5",
        "https://gwosc.org/a/..hdf5",
        "https://gwosc.org/a/.lock",
        "https://gwosc.org/a/",
        "https://gwosc.org/a/x.sha256",
        "https://gwosc.org/a/C:x.hdf5",
        "https://gwosc.org/a/%00.hdf5",
        "https://gwosc.org/a\\\\..\\\\x.hdf5",
        "file:///etc/x.hdf5",
        "ftp://gwosc.org/x.hdf5",
        "mailto:x.hdf5",
        "https:///x.hdf5"
      })
  void refusesAddressesThatAreNotSafeToFollowOrToNameAFileAfter(String url) {
    String hostile =
        EVENT.replace("https://gwosc.org/a/H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5", url);
    assertBad(hostile, "not followed");
  }

  @Test
  void keepsDotSegmentsOfAnAddressOutOfTheFileName() throws IOException {
    String dots = EVENT.replace("https://gwosc.org/a/H-", "https://gwosc.org/a/../../../H-");
    assertThat(details(dots).getFirst().links().getFirst().fileName())
        .isEqualTo("H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1e999999999", "1e-999999999", "1e99999999999", "-1", "9e9", "true", "[]"})
  void refusesAGpsTimeThatIsNone(String gps) {
    assertBad(EVENT.replace("1126259462.4", gps), EVENT_URL.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-4096", "4096.5", "1e10", "\"fast\""})
  void refusesASampleRateThatIsNone(String rate) {
    assertBad(EVENT.replace("4096.0", rate), "/strain/0/sampling_rate expected a ");
  }

  @Test
  void refusesWhatIsNotOneWholeDocument() {
    assertBad("", "an object");
    assertBad(EVENT + "{}", "the end of the answer");
    assertBad(EVENT.substring(0, 300), "expected: a JSON document");
    assertBad("[".repeat(100_000), EVENT_URL.toString());
    assertBad("{\"x\":".repeat(100_000), "expected: a JSON document");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void answersToMutatedBytesWithAResultOrAClearError(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] original = bytes(EVENT);
    for (int round = 0; round < 5_000; round++) {
      byte[] mutated = original.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      try {
        EventAnswers.details(mutated, EVENT_URL);
      } catch (OpenDataException e) {
        assertThat(e.reason()).isEqualTo(Reason.BAD_ANSWER);
      }
    }
  }

  private static List<EventInfo> details(String json) throws IOException {
    return EventAnswers.details(bytes(json), EVENT_URL);
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertBad(String json, String words) {
    assertThatThrownBy(() -> details(json))
        .isInstanceOfSatisfying(
            OpenDataException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_ANSWER))
        .hasMessageContaining(words);
  }
}
