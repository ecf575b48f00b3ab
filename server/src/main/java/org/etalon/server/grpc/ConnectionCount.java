package org.etalon.server.grpc;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections that are open. Thread-safe. */
final class ConnectionCount extends ServerTransportFilter {
  private final AtomicInteger open;

  ConnectionCount(AtomicInteger open) {
    this.open = open;
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    open.incrementAndGet();
    return attributes;
  }

  @Override
  public void transportTerminated(Attributes attributes) {
    open.decrementAndGet();
  }
}
