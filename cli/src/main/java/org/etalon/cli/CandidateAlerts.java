package org.etalon.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Optional;
import org.etalon.analysis.search.LiveCandidate;
import org.etalon.analysis.search.SearchConfig;
import org.etalon.strain.GpsTime;
import org.etalon.strain.feed.AlertSink;
import org.etalon.strain.feed.Feed;

/** Announces a live search's candidates where {@code --alerts} says, if it says so. */
final class CandidateAlerts implements AutoCloseable {
  private final Optional<AlertSink> sink;

  private CandidateAlerts(Optional<AlertSink> sink) {
    this.sink = sink;
  }

  /**
   * @param address of a feed
   * @throws IOException if it is none, or nobody answers there
   */
  @SuppressWarnings("MustBeClosedChecker") // what is returned closes it
  static CandidateAlerts to(Optional<String> address) throws IOException {
    if (address.isEmpty()) {
      return new CandidateAlerts(Optional.empty());
    }
    if (!Feed.isAddress(address.get())) {
      throw new IOException(
          "--alerts %s: expected an address, such as kafka://HOST:PORT/TOPIC"
              .formatted(address.get()));
    }
    URI uri = URI.create(address.get());
    return new CandidateAlerts(Optional.of(Feed.of(uri).alerts(uri)));
  }

  /**
   * Announces a candidate. A search that goes on after a crash finds the same ones again, by the
   * same identity: model, detectors, time and statistic, by which a louder one of the same time
   * differs.
   *
   * @throws UncheckedIOException if it could not be announced for certain
   */
  void announce(SearchConfig config, LiveCandidate candidate) {
    String id =
        "%s %s %s %s"
            .formatted(
                config.model(),
                String.join("-", config.ifos()),
                GpsTime.format(candidate.gpsNs()),
                (float) candidate.detectionStatistic());
    sink.ifPresent(to -> {
      try {
        to.announce(id, candidate.toJson(config.ifos()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  @Override
  public void close() {
    sink.ifPresent(AlertSink::close);
  }
}
