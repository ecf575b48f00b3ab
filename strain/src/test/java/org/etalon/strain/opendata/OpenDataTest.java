package org.etalon.strain.opendata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.etalon.strain.opendata.testing.GwoscStandIn;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a user asks for and gets. */
class OpenDataTest extends OpenDataCase {
  private static final long NS = 1_000_000_000L;

  @Test
  void tellsWhatIsPublishedOfAnEvent() throws IOException {
    EventInfo event = data.event("GW150914");
    assertThat(event.name()).isEqualTo("GW150914");
    assertThat(event.version()).isEqualTo(3);
    assertThat(event.catalog()).isEqualTo("GWTC-1-confident");
    assertThat(event.gpsNs()).isEqualTo(1_126_259_462_400_000_000L);
    assertThat(event.detectors()).containsExactly("H1", "L1");
    assertThat(event.links()).hasSize(4);
    StrainLink l1 =
        event.links().stream()
            .filter(link -> link.detector().equals("L1"))
            .findFirst()
            .orElseThrow();
    assertThat(l1.gpsStartSeconds()).isEqualTo(1_126_259_447);
    assertThat(l1.durationSeconds()).isEqualTo(32);
    assertThat(l1.sampleRateHz()).isEqualTo(4096);
    assertThat(l1.format()).isEqualTo(StrainFormat.HDF5);
    assertThat(l1.fileName()).isEqualTo(L1);
  }

  @Test
  void findsNamesInAnyCaseAndTakesTheLatestVersionUnlessOneIsNamed() throws IOException {
    server.withEvent("Blind_Injection", 1, 1126259450).withEvent("Blind_Injection", 2, 1126259451);
    assertThat(data.event("gw150914").version()).isEqualTo(3);
    assertThat(data.event("blind_injection").version()).isEqualTo(2);
    assertThat(data.event("BLIND_INJECTION-v1").version()).isEqualTo(1);
  }

  @Test
  void downloadsEachFileOnceAndLeavesNothingHalfDone() throws IOException {
    EventInfo event = data.event("GW150914");
    List<Path> files = data.fetch(event, StrainSelection.USUAL, progress);
    assertThat(files).containsExactly(cache.resolve(H1), cache.resolve(L1));
    assertThat(files.getFirst()).hasBinaryContent(h1Bytes);
    assertThat(progress.lastTotal).hasValue(200_000);
    assertThat(progress.bytes).contains(300_000L, 200_000L);
    data.fetch(event, StrainSelection.USUAL, progress);
    assertThat(server.requests())
        .containsOnlyOnce(GwoscStandIn.pathOf(H1), GwoscStandIn.pathOf(L1));
    assertThat(cache.resolve(H1 + ".sha256"))
        .hasContent(Checksum.of(files.getFirst(), Checksum.Algorithm.SHA256).hex() + "  " + H1);
    try (var names = Files.list(cache)) {
      assertThat(names.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder(".lock", "answers", H1, L1, H1 + ".sha256", L1 + ".sha256");
    }
    assertThat(progress.notices).isEmpty();
  }

  @Test
  void picksByDetectorRateAndFormat() throws IOException {
    EventInfo event = data.event("GW150914");
    StrainSelection frames = new StrainSelection(Set.of("H1"), 4096, StrainFormat.GWF, 32);
    assertThat(data.fetch(event, frames, progress))
        .containsExactly(cache.resolve("H-H1_GWOSC_4KHZ_R1-1126259447-32.gwf"));
    StrainSelection fast = new StrainSelection(Set.of(), 16384, StrainFormat.HDF5, 32);
    assertThat(data.fetch(event, fast, progress))
        .containsExactly(cache.resolve("H-H1_GWOSC_16KHZ_R1-1126259447-32.hdf5"));
    assertThat(progress.notices)
        .singleElement()
        .asString()
        .contains("no strain of L1 at 16384 Hz as HDF5, 32 s long");
  }

  @Test
  void saysWhatIsPublishedWhenTheWantedDetectorIsNot() throws IOException {
    EventInfo event = data.event("GW150914");
    StrainSelection virgo = StrainSelection.USUAL.withDetectors(Set.of("V1"));
    assertFails(
        () -> data.fetch(event, virgo, progress),
        Reason.NOT_PUBLISHED,
        "V1",
        "4096 Hz",
        "L1 4096 Hz 32 s HDF5");
  }

  @Test
  void namesTheNearestEventsWhenOneIsUnknown() {
    server.withEvent("GW151226", 1, 1135136350.6).withEvent("GW170817", 3, 1187008882.4);
    assertFails(() -> data.event("GW150941"), Reason.NOT_FOUND, "'GW150941'", "nearest: GW150914");
    assertFails(() -> data.event("GW1708"), Reason.NOT_FOUND, "nearest: GW170817");
    assertFails(() -> data.event("GW150914-v9"), Reason.NOT_FOUND, "'GW150914-v9'", "GW150914");
    assertFails(() -> data.event("../secret"), Reason.NOT_FOUND, "not a name of an event");
  }

  @Test
  void usesAFileThatWasPutIntoTheCacheByHand() throws IOException {
    Files.createDirectories(cache);
    Files.write(cache.resolve(H1), h1Bytes);
    data.fetch(data.event("GW150914"), h1(), progress);
    assertThat(server.requests()).doesNotContain(GwoscStandIn.pathOf(H1));
    assertThat(cache.resolve(H1 + ".sha256")).exists();
  }

  @Test
  void worksFromTheCacheAfterTheNetworkIsGone() throws IOException {
    data.fetch(data.event("gw150914"), h1(), progress);
    server.close();
    List<Path> files = data.fetch(data.event("gw150914", progress), h1(), progress);
    assertThat(files.getFirst()).hasBinaryContent(h1Bytes);
    assertThat(progress.notices)
        .singleElement()
        .asString()
        .contains("took no connection", "earlier visit");
  }

  @Test
  void saysWhatToDoWithoutANetwork() throws IOException {
    EventInfo event = data.event("GW150914");
    URI closedPort = server.baseUrl();
    server.close();
    data.close();
    data =
        OpenData.open(
            new OpenDataConfig(
                closedPort, temp.resolve("other"), Duration.ofSeconds(5), Duration.ofSeconds(5), 2),
            pauses::add);
    assertFails(
        () -> data.event("GW150914"),
        Reason.UNREACHABLE,
        closedPort + EVENT_PATH,
        "127.0.0.1:" + closedPort.getPort(),
        "took no connection",
        "built-in example");
    assertFails(
        () -> data.fetch(event, h1(), progress),
        Reason.UNREACHABLE,
        "by hand and put at " + temp.resolve("other").resolve(H1));
    assertThat(pauses).isEmpty();
  }

  @Test
  void worksWithoutANetworkFromWhatWasSavedByHandWhereItsErrorSays() throws IOException {
    EventInfo event = data.event("GW150914");
    Path answers = cache.resolve("answers");
    Path moved = Files.move(answers, temp.resolve("moved"));
    server.close();
    Path expected = answers.resolve("127.0.0.1_" + server.baseUrl().getPort());
    Path file = expected.resolve("eventapi_json_event_GW150914_.json");
    assertFails(() -> data.event("GW150914"), Reason.UNREACHABLE, "saved by hand as " + file);
    Files.move(moved, answers);
    assertThat(file).exists();
    assertThat(data.event("GW150914")).isEqualTo(event);
  }

  @Test
  void namesAHostThatDoesNotResolve() {
    data.close();
    data = OpenData.open(config(URI.create("http://gwosc.invalid")), pauses::add);
    assertFails(
        () -> data.event("GW150914"), Reason.UNREACHABLE, "'gwosc.invalid'", "does not resolve");
  }

  @Test
  void findsFilesByGpsTimeAndTellsGaps() throws IOException {
    StandInStrain.write(served, "H-H1_GWOSC_O1_4KHZ_R1-1126256640-4096.hdf5", 2_000);
    StandInStrain.write(served, "H-H1_GWOSC_O1_4KHZ_R1-1126260736-4096.hdf5", 2_000);
    StandInStrain.write(served, "L-L1_GWOSC_O1_4KHZ_R1-1126260736-4096.hdf5", 2_000);
    restart();
    List<Path> files =
        data.fetch(1_126_260_000L * NS, 1_126_261_000L * NS + 1, StrainSelection.USUAL, progress);
    assertThat(files)
        .extracting(path -> path.getFileName().toString())
        .containsExactly(
            "H-H1_GWOSC_O1_4KHZ_R1-1126256640-4096.hdf5",
            "H-H1_GWOSC_O1_4KHZ_R1-1126260736-4096.hdf5",
            "L-L1_GWOSC_O1_4KHZ_R1-1126260736-4096.hdf5");
    assertThat(progress.notices)
        .containsExactly("no published strain of L1 from GPS 1126260000 to 1126260736");
  }

  @Test
  void takesTheSameTimeOnceFromTheLatestRelease() throws IOException {
    StandInStrain.write(served, "H-H1_GWOSC_O1_4KHZ_R1-1126260736-4096.hdf5", 2_000);
    StandInStrain.write(served, "H-H1_GWOSC_O1_4KHZ_R2-1126260736-4096.hdf5", 2_000);
    restart();
    List<Path> files = data.fetch(1_126_260_800L * NS, 1_126_260_900L * NS, h1(), progress);
    assertThat(files).containsExactly(cache.resolve("H-H1_GWOSC_O1_4KHZ_R2-1126260736-4096.hdf5"));
  }

  @Test
  void saysThatNothingIsPublishedOfATime() {
    assertFails(
        () -> data.fetch(NS, 2 * NS, h1(), progress), Reason.NOT_PUBLISHED, "H1", "GPS 1 to 2");
    assertThatThrownBy(() -> data.fetch(2 * NS, NS, h1(), progress))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void servesTheRealGw150914() throws IOException {
    Path shared = Path.of(System.getProperty("etalon.shared", "missing"), "data");
    String file = "H-H1_LOSC_4_V2-1126259446-32.hdf5";
    Assumptions.assumeTrue(Files.exists(shared.resolve(file)), "needs ../shared/data: " + file);
    server.close();
    data.close();
    served = shared;
    serve();
    List<Path> files = data.fetch(data.event("gw150914"), StrainSelection.USUAL, progress);
    assertThat(files).hasSize(2);
    assertThat(files.getFirst()).hasSameBinaryContentAs(shared.resolve(file));
  }
}
