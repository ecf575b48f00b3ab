package org.etalon.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import org.etalon.strain.stream.Snapshotter;

/** CPU time of a snapshotter's step: 21 channels at 4096 Hz, kernels of a second. */
public final class SnapshotterCost {
  private static final int CHANNELS = 21;
  private static final int KERNEL = 4096;
  private static final int STEPS = 20_000;
  private static final int ROUNDS = 7;

  private SnapshotterCost() {}

  /** Prints a row for each number of kernels a second. */
  public static void main(String[] arguments) {
    System.out.println("| kernels a second | us of CPU a step |");
    System.out.println("|--:|--:|");
    for (int rate : new int[] {4, 16, 64, 256, 1024, 4096}) {
      System.out.printf(Locale.ROOT, "| %d | %.1f |%n", rate, micros(KERNEL / rate));
    }
  }

  private static double micros(int stride) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double best = Double.POSITIVE_INFINITY;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment update = arena.allocate((long) CHANNELS * stride * Float.BYTES, 64);
      MemorySegment kernel = arena.allocate((long) CHANNELS * KERNEL * Float.BYTES, 64);
      Snapshotter snapshotter = new Snapshotter(CHANNELS, KERNEL, stride);
      for (int round = 0; round < ROUNDS; round++) {
        long before = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < STEPS; i++) {
          snapshotter.push(update, kernel);
        }
        best = Math.min(best, (threads.getCurrentThreadCpuTime() - before) / 1e3 / STEPS);
      }
    }
    return best;
  }
}
