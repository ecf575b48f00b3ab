package org.etalon.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.etalon.client.EtalonClient;
import org.etalon.client.RepositoryEntry;
import org.etalon.client.VersionStatistics;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** Watches how a running server takes to a change of its repository. Owned by one thread. */
final class VersionRollout {
  private static final long LOOK_MS = 200;
  private static final String READY = "READY";
  private static final String UNAVAILABLE = "UNAVAILABLE";

  /** What the protocol says of a version that was taken out in order. */
  private static final String UNLOADED = "unloaded";

  private final EtalonClient client;
  private final String model;
  private final long version;
  private final Duration patience;

  /**
   * @param patience how long the server may take to notice and load
   */
  VersionRollout(EtalonClient client, String model, long version, Duration patience) {
    this.client = client;
    this.model = model;
    this.version = version;
    this.patience = patience;
  }

  /**
   * Has the server look at the model, unless it looks by itself.
   *
   * @return why it would not load it; else empty
   */
  private Optional<String> refresh() {
    try {
      client.loadModel(model);
      return Optional.empty();
    } catch (ServingException e) {
      // So answers a server that polls.
      return e.code() == ErrorCode.UNAVAILABLE
          ? Optional.empty()
          : Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Waits until the version serves.
   *
   * @return why it does not; else empty
   */
  Optional<String> take() throws InterruptedException {
    Optional<String> refused = refresh();
    return refused.isPresent() ? refused : await(entry -> entry.state().equals(READY));
  }

  /**
   * Waits until the version serves like any other, and is no canary any more.
   *
   * @return why it does not; else empty
   */
  Optional<String> takeWhole() throws InterruptedException {
    Optional<String> refused = refresh();
    return refused.isPresent()
        ? refused
        : await(entry -> entry.state().equals(READY) && entry.reason().isEmpty());
  }

  private Optional<String> await(Predicate<RepositoryEntry> isDone) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    String last = "not there";
    while (System.nanoTime() < end) {
      Optional<RepositoryEntry> entry = entry();
      if (entry.filter(isDone).isPresent()) {
        return Optional.empty();
      }
      Optional<String> failed = entry.flatMap(VersionRollout::failure);
      if (failed.isPresent()) {
        return failed;
      }
      last = entry.map(there -> there.state() + " " + there.reason()).orElse(last).strip();
      Thread.sleep(LOOK_MS);
    }
    return Optional.of(
        "the server did not take it within %d s (it is %s)".formatted(patience.toSeconds(), last));
  }

  /**
   * Watches a canary.
   *
   * @return why it was taken back; else empty, once the time is over
   */
  Optional<String> watch(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Optional<RepositoryEntry> entry = entry();
      if (entry.isEmpty()) {
        return Optional.of("it is gone from the server");
      }
      Optional<String> failed = failure(entry.get());
      if (failed.isPresent()) {
        return failed;
      }
      Thread.sleep(LOOK_MS);
    }
    return rows() == 0
        ? Optional.of("no request came to it in %d s".formatted(time.toSeconds()))
        : Optional.empty();
  }

  /** Has the server give the version up, and waits until it has. */
  void giveUp() throws InterruptedException {
    try {
      var _ = refresh();
      awaitEnd();
    } catch (ServingException e) {
      System.err.println(
          "etalon: whether the server has given it up is not known: " + e.getMessage());
    }
  }

  private void awaitEnd() throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < end
        && entry().filter(entry -> entry.state().equals(READY)).isPresent()) {
      Thread.sleep(LOOK_MS);
    }
  }

  private Optional<RepositoryEntry> entry() {
    return client.repositoryIndex().stream()
        .filter(entry -> entry.model().equals(model))
        .filter(entry -> entry.version().isPresent() && entry.version().getAsLong() == version)
        .findFirst();
  }

  private static Optional<String> failure(RepositoryEntry entry) {
    return entry.state().equals(UNAVAILABLE) && !entry.reason().equals(UNLOADED)
        ? Optional.of(entry.reason())
        : Optional.empty();
  }

  private long rows() {
    return client.statistics(model).stream()
        .filter(statistics -> statistics.version() == version)
        .mapToLong(VersionStatistics::rows)
        .sum();
  }
}
