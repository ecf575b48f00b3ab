package org.etalon.analysis.search;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.EnumMap;
import java.util.Map;

/**
 * Processor time of the search's own thread by what it was spent on, and the time spent waiting for
 * answers. Owned by that thread.
 */
final class StageClock {
  /** What the time was spent on. */
  enum Part {
    READING,
    WHITENING,
    /** Laying windows out in requests. */
    WINDOWS,
    /** Handing requests to the service: for an embedded engine some of its work, too. */
    ASKING,
    EVENTS,
    REPORT
  }

  /** A part that begins at {@link #begin} and ends when closed. */
  final class Span implements AutoCloseable {
    private final Part part;
    private final long beganNs = cpuNs();

    private Span(Part part) {
      this.part = part;
    }

    @Override
    public void close() {
      cpu.merge(part, cpuNs() - beganNs, Long::sum);
    }
  }

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final Map<Part, Long> cpu = new EnumMap<>(Part.class);
  private long waitedNs;

  Span begin(Part part) {
    return new Span(part);
  }

  void waited(long ns) {
    waitedNs += ns;
  }

  double cpuSeconds(Part part) {
    return cpu.getOrDefault(part, 0L) / 1e9;
  }

  double waitedSeconds() {
    return waitedNs / 1e9;
  }

  private long cpuNs() {
    return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : 0;
  }
}
