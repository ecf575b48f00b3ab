package org.etalon.engine.promotion;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.config.PromotionLimits;
import org.etalon.engine.repository.DataRows;
import org.etalon.engine.repository.LimitCount;
import org.etalon.engine.repository.OutputShift;
import org.etalon.engine.repository.StagedVersion;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Tries a staged version as a service would run it: loads it, which compares it with its reference,
 * and holds it to the limits of its model. Owned by one thread.
 */
public final class VersionTrial {
  private static final int WARM_UP = 20;
  private static final int MEASURED = 200;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double ONE_IN_A_HUNDRED = 0.01;

  private final StagedVersion staged;
  private final Supplier<List<Backend>> backends;
  private final List<Check> checks = new ArrayList<>();

  private VersionTrial(StagedVersion staged, Supplier<List<Backend>> backends) {
    this.staged = staged;
    this.backends = backends;
  }

  /**
   * @param backends new ones each time, each closed with the engine that runs them
   * @return what was looked at, in this order; what cannot be looked at after a failure is left out
   */
  public static List<Check> run(StagedVersion staged, Supplier<List<Backend>> backends)
      throws IOException {
    VersionTrial trial = new VersionTrial(staged, backends);
    trial.run();
    return List.copyOf(trial.checks);
  }

  private void run() throws IOException {
    ModelId id = ModelId.of(staged.model(), staged.version());
    try (Engine engine = start(staged.repository())) {
      if (!engine.isReady(id)) {
        fail("load and reference", reason(engine));
        return;
      }
      ModelConfig config = engine.config(id);
      if (!staged.hasReference(config)) {
        fail("load and reference", "the model has no reference/ for this version");
        return;
      }
      pass("load and reference", "reproduced within its tolerance");
      hold(engine, id, config);
    }
  }

  private void hold(Engine engine, ModelId id, ModelConfig config) throws IOException {
    PromotionLimits limits = PromotionLimits.of(config);
    if (!limits.isShiftLimited() && limits.p50Ms().isEmpty() && limits.p99Ms().isEmpty()) {
      pass("limits", "none are set");
      return;
    }
    try {
      Path folder = staged.repository().resolve(staged.model()).resolve(limits.data());
      DataRows rows = DataRows.read(config, folder);
      measureLatency(engine, id, limits, rows);
      if (limits.isShiftLimited() && staged.isReplacement()) {
        compare(engine, id, limits, rows);
      }
    } catch (ServingException e) {
      fail("limits", String.valueOf(e.getMessage()));
    }
  }

  private Engine start(Path repository) {
    EngineConfig config =
        EngineConfig.of(List.of(repository))
            .withControl(ModelControl.EXPLICIT, Set.of(staged.model()));
    return Engine.start(config, backends.get());
  }

  private String reason(Engine engine) {
    return engine.index().stream()
        .filter(entry -> entry.model().equals(staged.model()))
        .map(ModelIndexEntry::reason)
        .filter(reason -> !reason.isEmpty())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private void pass(String name, String text) {
    checks.add(new Check(name, true, text));
  }

  private void fail(String name, String text) {
    checks.add(new Check(name, false, text));
  }

  private void add(LimitCount count) {
    String[] parts = count.text().split(": ", 2);
    checks.add(new Check(parts[0], !count.isBroken(), parts[1]));
  }

  /** One request after another, so that nothing is measured but the model. */
  private void measureLatency(Engine engine, ModelId id, PromotionLimits limits, DataRows rows) {
    if (limits.p50Ms().isEmpty() && limits.p99Ms().isEmpty()) {
      return;
    }
    double[] millis = new double[MEASURED];
    for (int i = -WARM_UP; i < MEASURED; i++) {
      List<Tensor> batch =
          rows.batch((long) (i + WARM_UP) * limits.batchSize(), limits.batchSize());
      long begun = System.nanoTime();
      ask(engine, id, batch).close();
      if (i >= 0) {
        millis[i] = (System.nanoTime() - begun) / NANOS_PER_MILLI;
      }
    }
    Arrays.sort(millis);
    quantile("latency p50", millis, 0.5, limits.p50Ms(), limits.batchSize());
    quantile("latency p99", millis, 0.99, limits.p99Ms(), limits.batchSize());
  }

  private void quantile(
      String name, double[] sorted, double quantile, OptionalDouble limit, int batchSize) {
    if (limit.isEmpty()) {
      return;
    }
    double value = sorted[(int) Math.ceil(quantile * sorted.length) - 1];
    String text =
        String.format(
            Locale.ROOT,
            "%.3f ms at batch size %d (expected: at most %s ms)",
            value,
            batchSize,
            limit.getAsDouble());
    checks.add(new Check(name, value <= limit.getAsDouble(), text));
  }

  private void compare(Engine candidate, ModelId id, PromotionLimits limits, DataRows rows) {
    List<LimitCount> counts = new ArrayList<>();
    limits
        .maxShift()
        .ifPresent(limit -> counts.add(new LimitCount("score shift, greatest", limit, 0, 1)));
    limits
        .p99Shift()
        .ifPresent(
            limit -> counts.add(new LimitCount("score shift, p99", limit, ONE_IN_A_HUNDRED, 1)));
    try (Engine production = start(staged.target())) {
      ModelId served = ModelId.of(staged.model());
      for (long i = 0; i < rows.count(); i++) {
        try (InferenceResponse before = ask(production, served, rows.row(i));
            InferenceResponse after = ask(candidate, id, rows.row(i))) {
          double shift = OutputShift.of(after.outputs(), before.outputs());
          counts.forEach(count -> count.add(shift));
        }
      }
    }
    counts.forEach(this::add);
  }

  private static InferenceResponse ask(Engine engine, ModelId id, List<Tensor> inputs) {
    try {
      return engine.infer(InferenceRequest.to(id).inputs(inputs).build()).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ServingException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
