package org.etalon.engine.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.protocol.proto.ModelConfig;

/**
 * How a model's instances run apart from the service, each in a process of its own, as the
 * parameters of its configuration say.
 *
 * @param startLimit how long a process may take until it can run batches
 * @param runLimit how long it may take to run one; then it is ended
 * @param memoryLimit bytes that it may hold; then it is ended; empty: as many as there are
 */
public record WorkerSettings(Duration startLimit, Duration runLimit, OptionalLong memoryLimit) {
  /** The parameter that asks for it: {@code true} or {@code false}. */
  public static final String PARAMETER = "worker_process";

  private static final String START_LIMIT = "worker_start_seconds";
  private static final String RUN_LIMIT = "worker_run_seconds";
  private static final String MEMORY_LIMIT = "worker_memory_bytes";
  private static final Duration DEFAULT_START_LIMIT = Duration.ofMinutes(1);
  private static final Duration DEFAULT_RUN_LIMIT = Duration.ofMinutes(5);
  private static final List<String> PARAMETERS =
      List.of(PARAMETER, START_LIMIT, RUN_LIMIT, MEMORY_LIMIT);
  private static final double MILLIS_PER_SECOND = 1000;

  /** Where nothing is said, of a model that always runs apart. */
  public static final WorkerSettings STANDARD =
      new WorkerSettings(DEFAULT_START_LIMIT, DEFAULT_RUN_LIMIT, OptionalLong.empty());

  /** Those of a configuration that asks for worker processes; empty: it does not. */
  public static Optional<WorkerSettings> asked(ModelConfig config) {
    return text(config, PARAMETER).equals("true") ? Optional.of(of(config)) : Optional.empty();
  }

  /** The limits that a configuration sets, whether it asks for worker processes or not. */
  public static WorkerSettings of(ModelConfig config) {
    return new WorkerSettings(
        limit(config, START_LIMIT, DEFAULT_START_LIMIT),
        limit(config, RUN_LIMIT, DEFAULT_RUN_LIMIT),
        bytes(text(config, MEMORY_LIMIT)));
  }

  /** The configuration without these parameters, which are no backend's business. */
  public static ModelConfig without(ModelConfig config) {
    ModelConfig.Builder rest = config.toBuilder();
    PARAMETERS.forEach(rest::removeParameters);
    return rest.build();
  }

  static void check(ModelConfig config, FaultList faults) {
    String asked = text(config, PARAMETER);
    if (!List.of("", "true", "false").contains(asked)) {
      faults.add(path(PARAMETER), "'%s' (expected: true or false)".formatted(asked));
    }
    for (String limit : List.of(START_LIMIT, RUN_LIMIT)) {
      String given = text(config, limit);
      if (config.containsParameters(limit) && !(seconds(given) > 0)) {
        faults.add(path(limit), "'%s' (expected: seconds, more than 0)".formatted(given));
      }
    }
    String memory = text(config, MEMORY_LIMIT);
    if (config.containsParameters(MEMORY_LIMIT) && bytes(memory).isEmpty()) {
      faults.add(path(MEMORY_LIMIT), "'%s' (expected: bytes, more than 0)".formatted(memory));
    }
    if (asked.equals("true")) {
      checkKind(config, faults);
    }
  }

  private static void checkKind(ModelConfig config, FaultList faults) {
    if (config.hasEnsembleScheduling()) {
      faults.add(
          path(PARAMETER), "an ensemble runs nothing itself (expected: in its members' folders)");
    }
    if (config.getModelTransactionPolicy().getDecoupled()) {
      faults.add(
          path(PARAMETER), "not supported with model_transaction_policy.decoupled (expected: one)");
    }
    if (config.hasSequenceBatching() && config.getSequenceBatching().getStateCount() == 0) {
      faults.add(
          path(PARAMETER),
          "a process that ends would take the sequences' states with it (expected: sequence_batching.state, which the service keeps)");
    }
  }

  private static String path(String parameter) {
    return "parameters[\"%s\"]".formatted(parameter);
  }

  private static String text(ModelConfig config, String parameter) {
    return config.containsParameters(parameter)
        ? config.getParametersOrThrow(parameter).getStringValue()
        : "";
  }

  private static Duration limit(ModelConfig config, String parameter, Duration standard) {
    return config.containsParameters(parameter)
        ? Duration.ofMillis(Math.round(seconds(text(config, parameter)) * MILLIS_PER_SECOND))
        : standard;
  }

  /** Empty for what is no number of bytes. */
  private static OptionalLong bytes(String text) {
    try {
      long bytes = Long.parseLong(text);
      return bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /** NaN for what is no number of seconds. */
  private static double seconds(String text) {
    try {
      double seconds = Double.parseDouble(text);
      return seconds < 1e9 ? seconds : Double.NaN;
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }
}
