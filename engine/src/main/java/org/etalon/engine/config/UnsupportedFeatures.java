package org.etalon.engine.config;

import java.util.List;
import java.util.function.Predicate;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelOutput;

/**
 * What a configuration may ask for and Etalon does not do yet. It is refused, since a model that
 * silently runs without it would give other answers than its author expects. Hints that change no
 * answer ({@code optimization}, {@code metric_tags}) are not among these.
 */
final class UnsupportedFeatures {
  private static final List<Feature<ModelConfig>> OF_MODELS =
      List.of(
          new Feature<>(
              "model_transaction_policy.decoupled with sequence_batching",
              config -> isDecoupled(config) && config.hasSequenceBatching()),
          new Feature<>(
              "model_transaction_policy.decoupled with model_warmup",
              config -> isDecoupled(config) && config.getModelWarmupCount() > 0),
          new Feature<>(
              "model_transaction_policy.decoupled with dynamic_batching.preserve_ordering",
              config -> isDecoupled(config) && config.getDynamicBatching().getPreserveOrdering()),
          new Feature<>(
              "model_transaction_policy.decoupled of an ensemble",
              config -> isDecoupled(config) && config.hasEnsembleScheduling()),
          new Feature<>("runtime", config -> !config.getRuntime().isEmpty()),
          new Feature<>("cc_model_filenames", config -> config.getCcModelFilenamesCount() > 0),
          new Feature<>(
              "model_operations.op_library_filename",
              config -> config.getModelOperations().getOpLibraryFilenameCount() > 0),
          new Feature<>(
              "model_repository_agents",
              config -> config.getModelRepositoryAgents().getAgentsCount() > 0),
          new Feature<>(
              "model_metrics", config -> config.getModelMetrics().getMetricControlCount() > 0));

  private static final List<Feature<ModelInput>> OF_INPUTS =
      List.of(new Feature<>("is_non_linear_format_io", ModelInput::getIsNonLinearFormatIo));

  private static final List<Feature<ModelOutput>> OF_OUTPUTS =
      List.of(new Feature<>("is_non_linear_format_io", ModelOutput::getIsNonLinearFormatIo));

  private static final List<Feature<ModelInstanceGroup>> OF_GROUPS =
      List.of(
          new Feature<>("rate_limiter", ModelInstanceGroup::hasRateLimiter),
          new Feature<>("secondary_devices", group -> group.getSecondaryDevicesCount() > 0),
          new Feature<>("profile", group -> group.getProfileCount() > 0),
          new Feature<>("passive", ModelInstanceGroup::getPassive),
          new Feature<>("host_policy", group -> !group.getHostPolicy().isEmpty()));

  private UnsupportedFeatures() {}

  private static boolean isDecoupled(ModelConfig config) {
    return config.getModelTransactionPolicy().getDecoupled();
  }

  /** A field of {@code T} and whether it is used. */
  private record Feature<T>(String path, Predicate<T> isUsed) {}

  static void check(ModelConfig config, FaultList faults) {
    check("", config, OF_MODELS, faults);
    checkEach("input", config.getInputList(), OF_INPUTS, faults);
    checkEach("output", config.getOutputList(), OF_OUTPUTS, faults);
    checkEach("instance_group", config.getInstanceGroupList(), OF_GROUPS, faults);
  }

  private static <T> void checkEach(
      String path, List<T> values, List<Feature<T>> features, FaultList faults) {
    for (int i = 0; i < values.size(); i++) {
      check("%s[%d].".formatted(path, i), values.get(i), features, faults);
    }
  }

  private static <T> void check(String path, T value, List<Feature<T>> features, FaultList faults) {
    for (Feature<T> feature : features) {
      if (feature.isUsed.test(value)) {
        faults.add(
            path + feature.path, "not supported yet (expected: a model that does not use it)");
      }
    }
  }
}
