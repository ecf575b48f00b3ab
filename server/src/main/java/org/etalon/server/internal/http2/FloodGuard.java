package org.etalon.server.internal.http2;

import io.netty.handler.codec.http2.Http2Error;

/**
 * Counts what costs the server more than the client: frames that carry no work, and streams opened
 * to be reset at once (CVE-2023-44487). Both counts fall with each answer, so that a client that is
 * served may do what it needs to. Owned by one event loop.
 */
final class FloodGuard {
  private static final int MAX_IDLE_FRAMES = 10_000;
  private static final int MAX_RESETS = 1_000;
  private static final int MAX_PING_STRIKES = 2;

  private final long minPingIntervalNanos;
  private final boolean permitsIdlePings;
  private int idleFrames;
  private int resets;
  private int pingStrikes;
  private long lastPing;
  private boolean hasPing;

  FloodGuard(long minPingIntervalNanos, boolean permitsIdlePings) {
    this.minPingIntervalNanos = minPingIntervalNanos;
    this.permitsIdlePings = permitsIdlePings;
  }

  /** A stream was answered. */
  void answered() {
    idleFrames = 0;
    resets = Math.max(0, resets - 1);
  }

  /** Headers or data leave: clients may ping to find out how fast they arrive. */
  void sent() {
    pingStrikes = 0;
    hasPing = false;
  }

  /** Data has come. */
  void received() {
    idleFrames = 0;
  }

  /** A frame has come that is no work. */
  void idleFrame() throws Http2Fault {
    idleFrames++;
    if (idleFrames > MAX_IDLE_FRAMES) {
      throw calm("%d frames without data or a call".formatted(idleFrames));
    }
  }

  /** The client has reset a stream. */
  void reset() throws Http2Fault {
    resets++;
    if (resets > MAX_RESETS) {
      throw calm("%d more streams reset than answered".formatted(resets));
    }
  }

  /** The client pings; those that keep a connection alive come rarely. */
  void ping(long now, boolean isIdle) throws Http2Fault {
    idleFrame();
    boolean isTooSoon = hasPing && now - lastPing < minPingIntervalNanos;
    boolean isForbidden = hasPing && isIdle && !permitsIdlePings;
    lastPing = now;
    hasPing = true;
    if (isTooSoon || isForbidden) {
      pingStrikes++;
    }
    if (pingStrikes > MAX_PING_STRIKES) {
      throw calm("too_many_pings"); // the word that gRPC clients know
    }
  }

  private static Http2Fault calm(String message) {
    return Http2Fault.ofConnection(Http2Error.ENHANCE_YOUR_CALM, message);
  }
}
