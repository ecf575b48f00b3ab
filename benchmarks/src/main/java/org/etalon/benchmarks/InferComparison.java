package org.etalon.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A data set through {@code mlp}, batch by batch, in the ways one would do it, beside ONNX Runtime
 * alone in one loop. The ways take turns, round after round, so that what else the machine does
 * falls on all of them; the table has each one's median.
 */
public final class InferComparison {
  private static final int ROWS = 100_000;
  private static final int BATCH = 8;
  private static final int WARM_UP_PASSES = 6;
  private static final int PASSES = 4;

  private final List<Way> ways = new ArrayList<>();

  private InferComparison() {}

  /**
   * @param arguments the model repository, and how many rounds (5)
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 1 || arguments.length > 2) {
      System.err.println("usage: run-infer MODEL_REPOSITORY [ROUNDS]");
      System.exit(2);
    }
    Path repository = Path.of(arguments[0]);
    int rounds = arguments.length == 2 ? Integer.parseInt(arguments[1]) : 5;
    Path folder = Files.createTempDirectory("etalon-infer");
    try (ServerProcess server = ServerProcess.start(repository)) {
      new InferComparison().compare(repository, server, folder, rounds);
    } finally {
      delete(folder);
    }
  }

  private void compare(Path repository, ServerProcess server, Path folder, int rounds)
      throws Exception {
    Path model = repository.resolve("mlp/1/model.onnx");
    Dataset data = Dataset.write(ROWS, folder.resolve("x.npy"));
    try {
      // The engine first: it says where ONNX Runtime's library lies.
      Way embedded = add(DatasetJob.embedded(repository, data, BATCH, 1, folder.resolve("1.npy")));
      Way twoJobs = add(DatasetJob.embedded(repository, data, BATCH, 2, folder.resolve("2.npy")));
      Way limit = add(new PinnedLoop(model, data, BATCH));
      List<Way> order = new ArrayList<>();
      order.add(limit);
      order.add(add(new PinnedLoop(model, data, 64)));
      order.add(add(new NaiveLoop(model, data, BATCH)));
      order.add(add(ParallelLoops.sharingOneSession(model, data, BATCH, 4)));
      order.add(add(ParallelLoops.ofOneSessionEach(model, data, BATCH, 2)));
      order.add(add(ParallelLoops.ofOneSessionEach(model, data, BATCH, 4)));
      order.add(embedded);
      order.add(twoJobs);
      order.add(add(DatasetJob.remote(server, data, BATCH, folder.resolve("3.npy"))));
      measure(order, limit.pass(), rounds);
    } finally {
      for (Way way : ways) {
        way.close();
      }
    }
  }

  private Way add(Way way) {
    ways.add(way);
    return way;
  }

  private static void measure(List<Way> order, float[] expected, int rounds) throws Exception {
    List<Series> all = order.stream().map(Series::new).toList();
    for (Series series : all) {
      series.warmUp(WARM_UP_PASSES, expected);
    }
    System.out.printf("%,d rows; %d passes a run; JDK %s%n", ROWS, PASSES, Runtime.version());
    for (int round = 0; round < rounds; round++) {
      System.out.printf("load average before round %d: %.2f%n", round + 1, load());
      for (Series series : all) {
        series.measure(PASSES, expected);
      }
    }
    Series limit = all.getFirst();
    System.out.println(
        "\n| Way | rows/s | lowest to highest | CPU us a row | rate to limit | CPU to limit |");
    System.out.println("|---|--:|--:|--:|--:|--:|");
    all.forEach(series -> System.out.println(series.times(limit)));
    System.out.println(
        "\n| Way | passes with other bytes | rows unlike batches of 8 | largest difference |");
    System.out.println("|---|--:|--:|--:|");
    all.forEach(series -> System.out.println(series.answers()));
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
