package org.etalon.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * What a step of an ensemble costs: processor time a request of {@code coherent}, beside that of
 * asking its three members one behind the other, in one process without a network. Prints both in
 * microseconds, their ratio, and the difference a step; wall time is not looked at, so that other
 * work on the machine disturbs little.
 *
 * <p>Arguments: the model repository, and requests a round.
 */
final class EnsembleCost {
  private static final int ROUNDS = 9;
  private static final int STEPS = 3;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final Engine engine;
  private final float[] strain = new float[2048];

  private EnsembleCost(Engine engine) {
    this.engine = engine;
  }

  /** Runs the comparison. */
  public static void main(String[] arguments) {
    EngineConfig config =
        EngineConfig.of(List.of(Path.of(arguments[0])))
            .withControl(ModelControl.EXPLICIT, Set.of("coherent"));
    try (Engine engine = Engine.start(config, Engine.installedBackends())) {
      new EnsembleCost(engine).run(Integer.parseInt(arguments[1]));
    }
  }

  private void run(int requests) {
    double[] whole = new double[ROUNDS];
    double[] parts = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      whole[round] = micros(requests, this::askEnsemble);
      parts[round] = micros(requests, this::askMembers);
    }
    double ensemble = median(whole);
    double members = median(parts);
    System.out.printf(
        "ensemble %.1f us, members %.1f us a request; ratio %.3f; %.1f us a step%n",
        ensemble, members, ensemble / members, (ensemble - members) / STEPS);
  }

  private static double micros(int requests, Runnable ask) {
    long before = PROCESS.getProcessCpuTime();
    for (int i = 0; i < requests; i++) {
      ask.run();
    }
    return (PROCESS.getProcessCpuTime() - before) / 1e3 / requests;
  }

  /** The first round warms up, and is among the larger half. */
  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private void askEnsemble() {
    InferenceRequest request =
        InferenceRequest.of(
            ModelId.of("coherent"),
            Tensor.of("strain_h1", Shape.of(1, 1, 2048), strain),
            Tensor.of("strain_l1", Shape.of(1, 1, 2048), strain));
    engine.infer(request).join().close();
  }

  private void askMembers() {
    CompletableFuture<InferenceResponse> h1 = single();
    CompletableFuture<InferenceResponse> l1 = single();
    try (InferenceResponse one = h1.join();
        InferenceResponse other = l1.join()) {
      InferenceRequest last =
          InferenceRequest.of(
              ModelId.of("coincidence"),
              one.outputs().getFirst().named("score_h1"),
              other.outputs().getFirst().named("score_l1"));
      engine.infer(last).join().close();
    }
  }

  private CompletableFuture<InferenceResponse> single() {
    return engine.infer(
        InferenceRequest.of(
            ModelId.of("single"), Tensor.of("strain", Shape.of(1, 1, 2048), strain)));
  }
}
