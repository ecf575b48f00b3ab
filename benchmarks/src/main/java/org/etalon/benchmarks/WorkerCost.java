package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;

/**
 * What a worker process costs: a model inside the service and the same apart, in one process
 * without a network, rounds of both in turn. Prints in microseconds the median time of a request
 * that fills a batch, with one in flight, the time a batch takes with four in flight, and then the
 * processor time of service and workers together.
 *
 * <p>Arguments: the model's folder, batches a round, and batch sizes.
 */
final class WorkerCost {
  private static final int ROUNDS = 9;
  private static final int IN_FLIGHT = 4;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final String APART =
      "parameters { key: \"worker_process\" value { string_value: \"true\" } }\n";

  private final Engine engine;
  private final int rows;
  private final int batches;

  private WorkerCost(Engine engine, int rows, int batches) {
    this.engine = engine;
    this.rows = rows;
    this.batches = batches;
  }

  /** Runs the comparison. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("etalon-workers");
    copy(Path.of(arguments[0]), folder.resolve("inside"), "");
    copy(Path.of(arguments[0]), folder.resolve("apart"), APART);
    EngineConfig config = EngineConfig.of(List.of(folder)).withShutdownGrace(Duration.ofSeconds(9));
    try (Engine engine = Engine.start(config, Engine.installedBackends())) {
      for (int i = 2; i < arguments.length; i++) {
        int rows = Integer.parseInt(arguments[i]);
        new WorkerCost(engine, rows, Integer.parseInt(arguments[1])).run();
      }
    } finally {
      delete(folder);
    }
  }

  private static void copy(Path from, Path to, String more) throws IOException {
    Files.createDirectories(to.resolve("1"));
    Files.copy(from.resolve("1/model.onnx"), to.resolve("1/model.onnx"));
    String config =
        Files.readString(from.resolve("config.pbtxt"))
            .replaceAll("(?m)^name:.*$", "")
            .replaceAll("dynamic_batching *\\{[^}]*}", "");
    Files.writeString(to.resolve("config.pbtxt"), config + "\n" + more);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  /**
   * What one round gave, each in microseconds.
   *
   * @param request median, one in flight
   * @param batch mean, several in flight
   * @param processor mean of a batch, several in flight
   */
  private record Round(double request, double batch, double processor) {}

  private void run() {
    List<Round> inside = new ArrayList<>();
    List<Round> apart = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      inside.add(measure("inside"));
      apart.add(measure("apart"));
    }
    print("one in flight", inside, apart, Round::request);
    print("%d in flight".formatted(IN_FLIGHT), inside, apart, Round::batch);
    print("processor", inside, apart, Round::processor);
  }

  private void print(
      String what, List<Round> inside, List<Round> apart, ToDoubleFunction<Round> value) {
    double first = median(inside.stream().mapToDouble(value).toArray());
    double second = median(apart.stream().mapToDouble(value).toArray());
    System.out.printf(
        "batch %d, %s: inside %.1f us, apart %.1f us (%.1f more)%n",
        rows, what, first, second, second - first);
  }

  private Round measure(String model) {
    Tensor input = input(model);
    double[] each = new double[batches];
    for (int i = 0; i < batches; i++) {
      long start = System.nanoTime();
      ask(model, input).join();
      each[i] = (System.nanoTime() - start) / NANOS_PER_MICRO;
    }
    long cpu = cpuNanos();
    long start = System.nanoTime();
    Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    for (int i = 0; i < batches; i++) {
      waiting.add(ask(model, input));
      if (waiting.size() == IN_FLIGHT) {
        waiting.remove().join();
      }
    }
    waiting.forEach(CompletableFuture::join);
    double time = (System.nanoTime() - start) / NANOS_PER_MICRO / batches;
    return new Round(median(each), time, (cpuNanos() - cpu) / NANOS_PER_MICRO / batches);
  }

  private Tensor input(String model) {
    TensorMetadata described = engine.metadata(ModelId.of(model)).inputs().getFirst();
    long[] dims = described.shape().stream().mapToLong(Long::longValue).toArray();
    dims[0] = rows;
    Shape shape = Shape.of(dims);
    return Tensor.of(described.name(), shape, new float[Math.toIntExact(shape.elementCount())]);
  }

  private CompletableFuture<Void> ask(String model, Tensor input) {
    return engine
        .infer(InferenceRequest.of(ModelId.of(model), input))
        .thenAccept(InferenceResponse::close);
  }

  /** Of this process and its workers. */
  private static long cpuNanos() {
    ProcessHandle self = ProcessHandle.current();
    return Stream.concat(Stream.of(self), self.descendants())
        .mapToLong(process -> process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos())
        .sum();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
