package org.etalon.client;

import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The machine's clock, and the client's event loops as its timer. */
record EventLoopTime(EventLoopGroup eventLoops) implements ClientTime {
  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timeout after(long delayNs, Runnable action) {
    ScheduledFuture<?> scheduled = eventLoops.schedule(action, delayNs, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }
}
