package org.etalon.strain.opendata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.etalon.strain.opendata.testing.GwoscStandIn;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The real client before a stand-in server of two detectors' strain. */
abstract class OpenDataCase {
  static final String H1 = "H-H1_GWOSC_4KHZ_R1-1126259447-32.hdf5";
  static final String L1 = "L-L1_GWOSC_4KHZ_R1-1126259447-32.hdf5";
  static final String EVENT_PATH = "/eventapi/json/event/GW150914/";

  @TempDir Path temp;
  Path served;
  Path cache;
  byte[] h1Bytes;
  GwoscStandIn server;
  OpenData data;
  final List<Duration> pauses = new ArrayList<>();
  final RecordedProgress progress = new RecordedProgress();

  @BeforeEach
  void serveTwoDetectors() throws IOException {
    served = Files.createDirectory(temp.resolve("served"));
    cache = temp.resolve("cache");
    h1Bytes = StandInStrain.write(served, H1, 300_000);
    StandInStrain.write(served, L1, 200_000);
    StandInStrain.write(served, "H-H1_GWOSC_4KHZ_R1-1126259447-32.gwf", 1_000);
    StandInStrain.write(served, "H-H1_GWOSC_16KHZ_R1-1126259447-32.hdf5", 1_000);
    serve();
  }

  @AfterEach
  void stop() {
    data.close();
    server.close();
  }

  final void restart() throws IOException {
    server.close();
    data.close();
    serve();
  }

  final void serve() throws IOException {
    server = GwoscStandIn.start(served, 0);
    data = OpenData.open(config(server.baseUrl()), pauses::add);
  }

  final OpenDataConfig config(URI baseUrl) {
    return new OpenDataConfig(baseUrl, cache, Duration.ofSeconds(20), Duration.ofSeconds(20), 2);
  }

  static StrainSelection h1() {
    return StrainSelection.USUAL.withDetectors(Set.of("H1"));
  }

  static void assertFails(ThrowingCallable call, Reason reason, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            OpenDataException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .message()
        .satisfies(message -> assertThat(List.of(words)).allMatch(message::contains));
  }
}
