package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit in closed loop with simulated servers and an asker who always has more to ask. */
final class InFlightLimitTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 16, 40, 100, 300})
  void keepsAllWorkersOfAServerBusyWithoutALongQueue(int workers) {
    InFlightLimit limit = new InFlightLimit(4096);
    SimulatedServer server = new SimulatedServer(workers, 1, _ -> 1e6, Integer.MAX_VALUE);
    server.run(limit, 40_000);
    assertThat(limit.current()).isBetween(workers, Math.max(32, 4 * workers));
  }

  @ParameterizedTest
  @CsvSource({"1, 8", "1, 64", "2, 32", "4, 128"})
  void reachesTheThroughputOfAServerThatBatches(int workers, int maxBatch) {
    IntToDoubleFunction runNs = rows -> 1e5 + 2e4 * rows;
    double best = workers * maxBatch / runNs.applyAsDouble(maxBatch);
    InFlightLimit limit = new InFlightLimit(4096);
    SimulatedServer server = new SimulatedServer(workers, maxBatch, runNs, Integer.MAX_VALUE);
    server.run(limit, 60_000);
    double start = server.nowNs;
    server.run(limit, 60_000);
    assertThat(60_000 / (server.nowNs - start)).isGreaterThan(0.8 * best);
    assertThat(limit.current()).isLessThan(16 * workers * maxBatch);
  }

  @Test
  void staysNearWhatAFullQueueAdmits() {
    InFlightLimit limit = new InFlightLimit(4096);
    SimulatedServer server = new SimulatedServer(4, 1, _ -> 1e6, 6);
    server.run(limit, 40_000);
    assertThat(limit.current()).isBetween(3, 12);
    assertThat(server.refused).isLessThan(2_000);
  }

  @Test
  void growsAgainAfterAnOutage() {
    InFlightLimit limit = new InFlightLimit(4096);
    for (int i = 0; i < 1_000; i++) {
      limit.onRefusal();
    }
    assertThat(limit.current()).isEqualTo(1);
    new SimulatedServer(64, 1, _ -> 1e6, Integer.MAX_VALUE).run(limit, 20_000);
    assertThat(limit.current()).isGreaterThanOrEqualTo(64);
  }

  @Test
  void shrinksOnceForAllRequestsRefusedTogether() {
    InFlightLimit limit = new InFlightLimit(4096);
    for (int i = 0; i < 16; i++) {
      limit.onRefusal();
    }
    assertThat(limit.current()).isEqualTo(11);
  }

  @Test
  void doesNotGrowForAnAskerWhoKeepsFewInFlight() {
    InFlightLimit limit = new InFlightLimit(4096);
    for (int i = 0; i < 10_000; i++) {
      limit.onAnswer(1_000_000);
    }
    assertThat(limit.current()).isEqualTo(16);
  }

  @Test
  void neverExceedsItsMaximum() {
    InFlightLimit limit = new InFlightLimit(20);
    new SimulatedServer(1000, 1, _ -> 1e6, Integer.MAX_VALUE).run(limit, 20_000);
    assertThat(limit.current()).isEqualTo(20);
  }

  /** Workers that each take up to a batch from one queue; time in nanoseconds. */
  private static final class SimulatedServer {
    private record Run(double endNs, List<Double> sentNs) {}

    private final int workers;
    private final int maxBatch;
    private final IntToDoubleFunction runNs;
    private final int maxQueue;
    private final Deque<Double> queue = new ArrayDeque<>();
    private final PriorityQueue<Run> running =
        new PriorityQueue<>((a, b) -> Double.compare(a.endNs, b.endNs));
    private double nowNs;
    private int inFlight;
    private int refused;

    SimulatedServer(int workers, int maxBatch, IntToDoubleFunction runNs, int maxQueue) {
      this.workers = workers;
      this.maxBatch = maxBatch;
      this.runNs = runNs;
      this.maxQueue = maxQueue;
    }

    void run(InFlightLimit limit, int answers) {
      for (int done = 0; done < answers; ) {
        send(limit);
        Run run = running.remove();
        nowNs = run.endNs;
        for (double sentNs : run.sentNs) {
          inFlight--;
          limit.onAnswer((long) (nowNs - sentNs));
          done++;
        }
        startRuns();
      }
    }

    private void send(InFlightLimit limit) {
      int tries = 0;
      while (inFlight < limit.current() && tries++ < 4096) {
        startRuns();
        if (queue.size() >= maxQueue) {
          refused++;
          limit.onRefusal();
          break; // the refused one pauses
        }
        queue.add(nowNs);
        inFlight++;
      }
      startRuns();
      limit.onFull();
    }

    private void startRuns() {
      while (running.size() < workers && !queue.isEmpty()) {
        List<Double> sent = new ArrayList<>();
        while (sent.size() < maxBatch && !queue.isEmpty()) {
          sent.add(queue.remove());
        }
        running.add(new Run(nowNs + runNs.applyAsDouble(sent.size()), sent));
      }
    }
  }
}
