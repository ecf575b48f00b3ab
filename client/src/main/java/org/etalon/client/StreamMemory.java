package org.etalon.client;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling;
import org.jspecify.annotations.Nullable;

/**
 * How much of a stream its state depends on, as the model's configuration tells: {@code
 * stream_memory_samples} and its companions in {@code parameters}, and for an ensemble the sum
 * along the longest path of its steps.
 *
 * @param samples of input before an update that the answers from there on depend on
 * @param alignment what is sent again has to begin at a multiple of as many samples after the
 *     stream's start
 */
record StreamMemory(long samples, long alignment) {
  private static final String MEMORY = "stream_memory_samples";
  private static final String ALIGNMENT = "stream_alignment_samples";
  private static final String INPUT_PER_OUTPUT = "stream_input_per_output";

  /**
   * @param configs the configuration of a model of that name, of any version
   * @return empty if nothing tells, or a step that keeps state does not
   */
  static Optional<StreamMemory> of(ModelConfig config, Function<String, ModelConfig> configs) {
    if (!config.hasEnsembleScheduling()) {
      return own(config).map(own -> new StreamMemory(own.memory, own.alignment));
    }
    Walk walk = new Walk(configs);
    config.getInputList().forEach(input -> walk.tensors.put(input.getName(), Reach.INPUT));
    return walk.through(config.getEnsembleScheduling());
  }

  /** How far back a tensor of an ensemble reaches, in samples of the ensemble's input. */
  private record Reach(long memory, long samplesPerSample) {
    static final Reach INPUT = new Reach(0, 1);
  }

  private record Own(long memory, long alignment, long inputPerOutput) {}

  /** Follows the steps from the inputs on. Used once. */
  private static final class Walk {
    private final Function<String, ModelConfig> configs;
    private final Map<String, Reach> tensors = new HashMap<>();
    private long memory;
    private long alignment = 1;
    private boolean isTold;

    Walk(Function<String, ModelConfig> configs) {
      this.configs = configs;
    }

    Optional<StreamMemory> through(ModelEnsembling graph) {
      for (int round = 0; round < graph.getStepCount(); round++) {
        for (ModelEnsembling.Step step : graph.getStepList()) {
          Reach before = reach(step);
          if (before != null && !follow(step, before)) {
            return Optional.empty();
          }
        }
      }
      return isTold ? Optional.of(new StreamMemory(memory, alignment)) : Optional.empty();
    }

    /** Of a step's inputs together; null while not all are known. */
    private @Nullable Reach reach(ModelEnsembling.Step step) {
      Reach most = Reach.INPUT;
      for (String tensor : step.getInputMapMap().values()) {
        Reach reach = tensors.get(tensor);
        if (reach == null) {
          return null;
        }
        most =
            new Reach(
                Math.max(most.memory, reach.memory),
                Math.max(most.samplesPerSample, reach.samplesPerSample));
      }
      return most;
    }

    /** False for a step that keeps a state and does not tell how long. */
    private boolean follow(ModelEnsembling.Step step, Reach before) {
      ModelConfig config = configs.apply(step.getModelName());
      Optional<Own> told = own(config);
      if (told.isEmpty() && config.hasSequenceBatching()) {
        return false;
      }
      Own own = told.orElse(new Own(0, 1, 1));
      isTold |= told.isPresent();
      Reach after =
          new Reach(
              before.memory + own.memory * before.samplesPerSample,
              before.samplesPerSample * own.inputPerOutput);
      memory = Math.max(memory, after.memory);
      alignment = leastCommonMultiple(alignment, own.alignment * before.samplesPerSample);
      step.getOutputMapMap().values().forEach(tensor -> tensors.put(tensor, after));
      return true;
    }
  }

  private static Optional<Own> own(ModelConfig config) {
    long memory = parameter(config, MEMORY, -1);
    return memory < 0
        ? Optional.empty()
        : Optional.of(
            new Own(
                memory,
                Math.max(1, parameter(config, ALIGNMENT, 1)),
                Math.max(1, parameter(config, INPUT_PER_OUTPUT, 1))));
  }

  private static long parameter(ModelConfig config, String key, long otherwise) {
    String value =
        config.containsParameters(key)
            ? config.getParametersOrThrow(key).getStringValue().strip()
            : "";
    try {
      return value.isEmpty() ? otherwise : Long.parseLong(value);
    } catch (NumberFormatException _) {
      return otherwise; // another server's parameter of that name
    }
  }

  private static long leastCommonMultiple(long a, long b) {
    long x = a;
    long y = b;
    while (y != 0) {
      long rest = x % y;
      x = y;
      y = rest;
    }
    return a / x * b;
  }
}
