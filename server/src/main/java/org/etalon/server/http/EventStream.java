package org.etalon.server.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * An answer that comes in pieces, as server-sent events. Thread-safe, guarded by itself: whoever
 * makes the events adds them, the connection's event loop takes them as its client reads.
 */
final class EventStream {
  /** What may wait for a client that reads more slowly than its model answers. */
  private static final int MAX_WAITING_BYTES = 4 << 20;

  private static final byte[] FIELD = "data: ".getBytes(StandardCharsets.US_ASCII);

  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private long waitingBytes;
  private boolean isEnded;

  /**
   * Adds an event.
   *
   * @param line its data, without a line's end
   * @return false if too much waits already, and the event is not taken
   */
  synchronized boolean offer(byte[] line) {
    if (waitingBytes > 0 && waitingBytes + line.length > MAX_WAITING_BYTES) {
      return false;
    }
    add(line);
    return true;
  }

  /** Adds the last event, whatever waits. */
  synchronized void offerLast(byte[] line) {
    add(line);
    isEnded = true;
  }

  private void add(byte[] line) {
    byte[] event = new byte[FIELD.length + line.length + 2];
    System.arraycopy(FIELD, 0, event, 0, FIELD.length);
    System.arraycopy(line, 0, event, FIELD.length, line.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    waiting.add(event);
    waitingBytes += event.length;
  }

  /** Nothing more comes. */
  synchronized void end() {
    isEnded = true;
  }

  /** The next event's bytes; null if none waits. */
  synchronized byte @Nullable [] poll() {
    byte[] event = waiting.poll();
    if (event != null) {
      waitingBytes -= event.length;
    }
    return event;
  }

  /** True once no more events come; some may still wait. */
  synchronized boolean isEnded() {
    return isEnded;
  }
}
