package org.etalon.engine.scheduling;

/** Says when it would ring. */
final class SilentAlarm implements QueueTimer.Alarm {
  long ringsNanos = Expiries.NEVER;

  @Override
  public void ringBy(long nanos, long nowNanos) {
    ringsNanos = Math.min(ringsNanos, nanos);
  }

  @Override
  public void rang() {
    ringsNanos = Expiries.NEVER;
  }
}
