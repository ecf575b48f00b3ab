package org.etalon.engine.scheduling;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A version being served, with a count of the requests that are just being handed to it: it is
 * drained only when none can meet it draining, so that no request fails for a replacement.
 * Thread-safe, without locks.
 */
public final class VersionGate {
  private static final long RETIRED = 1L << 62;

  private final ServedVersion served;
  private final String fingerprint;

  /** How many are inside, plus {@link #RETIRED} once nobody may enter. */
  private final AtomicLong state = new AtomicLong();

  private final AtomicBoolean isClosing = new AtomicBoolean();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private final CompletableFuture<Void> empty = new CompletableFuture<>();

  /**
   * @param served owned from here
   * @param fingerprint of what the version was loaded from
   */
  public VersionGate(ServedVersion served, String fingerprint) {
    this.served = served;
    this.fingerprint = fingerprint;
  }

  public ServedVersion served() {
    return served;
  }

  public boolean isLoadedFrom(String other) {
    return fingerprint.equals(other);
  }

  /** True if the version takes a request now; {@link #leave} when it has been handed over. */
  public boolean tryEnter() {
    if (state.incrementAndGet() < RETIRED) {
      return true;
    }
    leave();
    return false;
  }

  public void leave() {
    if (state.decrementAndGet() == RETIRED) {
      empty.complete(null);
    }
  }

  /**
   * Lets nobody in any more; call once, after the version can no longer be found.
   *
   * @param executor closes the version, since its own threads cannot wait for themselves
   * @return done when all its requests are answered and its memory is given back
   */
  public CompletableFuture<Void> retire(Executor executor) {
    if (state.addAndGet(RETIRED) == RETIRED) {
      empty.complete(null);
    }
    return empty
        .thenCompose(_ -> served.drain())
        .handleAsync(
            (_, _) -> {
              close();
              return null;
            },
            executor);
  }

  /** Ends the version, whatever it still does; a second call waits for the first. */
  public void close() {
    if (!isClosing.compareAndSet(false, true)) {
      closed.join();
      return;
    }
    try {
      served.close();
      NativeHeap.giveBackWhatIsFree();
    } finally {
      closed.complete(null);
    }
  }
}
