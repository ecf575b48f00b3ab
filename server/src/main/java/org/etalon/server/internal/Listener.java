package org.etalon.server.internal;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** A front of the server that listens on a port. Thread-safe. */
public interface Listener extends AutoCloseable {
  /** Where it listens, with the port it really got. */
  InetSocketAddress address();

  /** How many clients are connected now. */
  int connections();

  /**
   * Takes no new work from now on and says that it is not ready. Returns at once.
   *
   * @return done when all that was in flight is answered
   */
  CompletableFuture<Void> drain();

  /** Ends every connection now; a second call does nothing. */
  @Override
  void close();
}
