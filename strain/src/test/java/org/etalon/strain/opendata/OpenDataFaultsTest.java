package org.etalon.strain.opendata;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.etalon.strain.opendata.testing.GwoscStandIn;
import org.etalon.strain.opendata.testing.StandInFault;
import org.junit.jupiter.api.Test;

/** What the network and the disk may do in between. */
class OpenDataFaultsTest extends OpenDataCase {
  @Test
  void resumesADownloadWhoseConnectionIsCut() throws IOException {
    server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Cut(100_000));
    List<Path> files = data.fetch(data.event("GW150914"), h1(), progress);
    assertThat(files.getFirst()).hasBinaryContent(h1Bytes);
    assertThat(server.requests())
        .anyMatch(request -> request.matches(".*" + H1 + " \\[bytes=[1-9][0-9]*-\\]"));
    assertThat(pauses).hasSize(1);
  }

  @Test
  void resumesInALaterSessionAndShowsNoFileBefore() throws IOException {
    for (int i = 0; i < 3; i++) {
      server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Cut(50_000));
    }
    EventInfo event = data.event("GW150914");
    assertFails(() -> data.fetch(event, h1(), progress), Reason.TRANSFER, H1, "by hand");
    assertThat(cache.resolve(H1)).doesNotExist();
    long here = Files.size(cache.resolve(H1 + ".part"));
    assertThat(here).isPositive();
    data.close();
    data = OpenData.open(config(server.baseUrl()), pauses::add);
    assertThat(data.fetch(event, h1(), progress).getFirst()).hasBinaryContent(h1Bytes);
    assertThat(server.requests()).contains(GwoscStandIn.pathOf(H1) + " [bytes=" + here + "-]");
  }

  @Test
  void startsOverWhenTheFileHasChangedSinceTheCut() throws IOException {
    for (int i = 0; i < 3; i++) {
      server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Cut(50_000));
    }
    EventInfo event = data.event("GW150914");
    assertFails(() -> data.fetch(event, h1(), progress), Reason.TRANSFER);
    byte[] changed = h1Bytes.clone();
    changed[20] ^= 1;
    Files.write(served.resolve(H1), changed);
    assertThat(data.fetch(event, h1(), progress).getFirst()).hasBinaryContent(changed);
  }

  @Test
  void triesAgainWhenTheServerIsBusyAndWaitsAsLongAsItAsks() throws IOException {
    server.failNext(EVENT_PATH, new StandInFault.Status(503, Map.of("Retry-After", "7")));
    server.failNext(EVENT_PATH, StandInFault.Status.of(500));
    assertThat(data.event("GW150914").version()).isEqualTo(3);
    assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(1));
  }

  @Test
  void givesUpOnABusyServerAfterTheRetries() {
    for (int i = 0; i < 3; i++) {
      server.failNext(EVENT_PATH, StandInFault.Status.of(503));
    }
    assertFails(() -> data.event("GW150914"), Reason.SERVER, "HTTP 503", EVENT_PATH, "127.0.0.1");
    assertThat(pauses).hasSize(2);
  }

  @Test
  void doesNotRetryWhatIsRefused() {
    server.failNext(EVENT_PATH, StandInFault.Status.of(403));
    assertFails(() -> data.event("GW150914"), Reason.REFUSED, "HTTP 403");
    assertThat(pauses).isEmpty();
  }

  @Test
  void followsRedirects() throws IOException {
    server.failNext(
        EVENT_PATH,
        new StandInFault.Status(301, Map.of("Location", "/eventapi/json/event/GW150914/v3/")));
    assertThat(data.event("GW150914").version()).isEqualTo(3);
  }

  @Test
  void endsADownloadThatStalls() throws IOException {
    EventInfo event = data.event("GW150914");
    data.close();
    data =
        OpenData.open(
            new OpenDataConfig(
                server.baseUrl(), cache, Duration.ofSeconds(5), Duration.ofMillis(200), 1),
            pauses::add);
    server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Stall(1_000));
    server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Stall(1_000));
    assertFails(
        () -> data.fetch(event, h1(), progress), Reason.TRANSFER, "sent nothing for 200 ms");
    assertThat(data.fetch(event, h1(), progress).getFirst()).hasBinaryContent(h1Bytes);
  }

  @Test
  void downloadsACorruptedCachedFileAgainAndSaysSo() throws IOException {
    EventInfo event = data.event("GW150914");
    Path file = data.fetch(event, h1(), progress).getFirst();
    byte[] flipped = h1Bytes.clone();
    flipped[150_000] ^= 1;
    Files.write(file, flipped);
    assertThat(data.fetch(event, h1(), progress).getFirst()).hasBinaryContent(h1Bytes);
    assertThat(progress.notices).singleElement().asString().contains("corrupted", H1, ".sha256");
  }

  @Test
  void refusesAFileWithAnotherChecksumThanTheServerGives() throws IOException {
    server.withChecksum(H1, "00".repeat(32));
    EventInfo event = data.event("GW150914");
    assertFails(
        () -> data.fetch(event, h1(), progress), Reason.BAD_FILE, "SHA-256", "00".repeat(32));
    assertThat(cache.resolve(H1)).doesNotExist();
    assertThat(cache.resolve(H1 + ".part")).doesNotExist();
  }

  @Test
  void refusesAFileThatIsNoStrain() throws IOException {
    EventInfo event = data.event("GW150914");
    for (int i = 0; i < 3; i++) {
      server.failNext(GwoscStandIn.pathOf(H1), new StandInFault.Body("<html>please log in</html>"));
    }
    assertFails(() -> data.fetch(event, h1(), progress), Reason.BAD_FILE, "is not a HDF5 file");
    assertThat(cache.resolve(H1)).doesNotExist();
  }

  @Test
  void refusesRedirectsToAnythingButTheWeb() {
    server.failNext(
        EVENT_PATH, new StandInFault.Status(302, Map.of("Location", "file:///etc/passwd")));
    assertFails(() -> data.event("GW150914"), Reason.BAD_ANSWER, "redirect", "file:///etc/passwd");
    server.failNext(EVENT_PATH, new StandInFault.Status(302, Map.of("Location", "no address")));
    assertFails(() -> data.event("GW150914"), Reason.BAD_ANSWER, EVENT_PATH);
    server.failNext(EVENT_PATH, new StandInFault.Status(302, Map.of()));
    assertFails(() -> data.event("GW150914"), Reason.BAD_ANSWER, EVENT_PATH);
  }

  @Test
  void refusesAnAnswerLargerThanAnyOfTheApi() {
    server.failNext(EVENT_PATH, new StandInFault.Body(" ".repeat((16 << 20) + 1)));
    assertFails(() -> data.event("GW150914"), Reason.BAD_ANSWER, "more than 16 MiB", EVENT_PATH);
  }

  @Test
  void namesTheUrlAndThePlaceOfAMalformedAnswer() {
    server.failNext(EVENT_PATH, new StandInFault.Body("<html>maintenance</html>"));
    assertFails(
        () -> data.event("GW150914"),
        Reason.BAD_ANSWER,
        EVENT_PATH,
        "expected: a JSON document",
        "line 1");
    server.failNext(
        EVENT_PATH, new StandInFault.Body("{\"events\": {\"A-v1\": {\"GPS\": \"soon\"}}}"));
    assertFails(
        () -> data.event("GW150914"),
        Reason.BAD_ANSWER,
        EVENT_PATH,
        "/events/A-v1/GPS expected a number, found 'soon'");
  }

  @Test
  void downloadsInOneProcessOneAtATime() throws IOException {
    EventInfo event = data.event("GW150914");
    List<Throwable> second = new ArrayList<>();
    ProgressListener meddler =
        new ProgressListener() {
          @Override
          public void downloaded(String fileName, long bytes, OptionalLong totalBytes) {
            try (OpenData other = OpenData.open(config(server.baseUrl()))) {
              other.fetch(event, h1(), progress);
            } catch (IOException e) {
              second.add(e);
            }
          }

          @Override
          public void notice(String words) {}
        };
    assertThat(data.fetch(event, h1(), meddler).getFirst()).hasBinaryContent(h1Bytes);
    assertThat(second).first().asString().contains("is downloading into", "already");
  }

  @Test
  void saysThatTheCacheFolderCannotBeWritten() throws IOException {
    Files.writeString(cache, "a file where the folder belongs");
    assertFails(() -> data.event("GW150914"), Reason.CACHE, cache.toString());
  }
}
