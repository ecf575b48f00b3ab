package org.etalon.engine.config;

import java.util.List;
import java.util.function.Predicate;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelOutput;

/**
 * What a configuration may ask for and Etalon does not do, yet or at all. It is refused, since a
 * model that silently runs without it would give other answers than its author expects. Hints that
 * change no answer ({@code optimization}, {@code host_policy}) are not among these.
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
              "model_transaction_policy.decoupled with batch_input or batch_output",
              config ->
                  isDecoupled(config)
                      && config.getBatchInputCount() + config.getBatchOutputCount() > 0),
          new Feature<>(
              "model_transaction_policy.decoupled with reshape or is_shape_tensor of an output",
              config ->
                  isDecoupled(config)
                      && config.getOutputList().stream()
                          .anyMatch(output -> output.hasReshape() || output.getIsShapeTensor())),
          new Feature<>(
              "model_metrics", config -> config.getModelMetrics().getMetricControlCount() > 0));

  private static final List<Feature<ModelInput>> OF_INPUTS =
      List.of(
          new Feature<>(
              "is_non_linear_format_io", ModelInput::getIsNonLinearFormatIo, Feature.ENGINE_FILES));

  private static final List<Feature<ModelOutput>> OF_OUTPUTS =
      List.of(
          new Feature<>(
              "is_non_linear_format_io",
              ModelOutput::getIsNonLinearFormatIo,
              Feature.ENGINE_FILES));

  private static final List<Feature<ModelInstanceGroup>> OF_GROUPS =
      List.of(
          new Feature<>(
              "secondary_devices",
              group -> group.getSecondaryDevicesCount() > 0,
              "there is no NVDLA provider; give trt_dla_enable and trt_dla_core to the tensorrt accelerator"),
          new Feature<>(
              "profile",
              group -> group.getProfileCount() > 0,
              "profiles are in TensorRT's engine files, which are not served; give trt_profile_min_shapes and its like to the tensorrt accelerator"));

  private UnsupportedFeatures() {}

  private static boolean isDecoupled(ModelConfig config) {
    return config.getModelTransactionPolicy().getDecoupled();
  }

  /**
   * A field of {@code T} and whether it is used.
   *
   * @param reason why it never will be done here, and what to do; empty: it will be
   */
  private record Feature<T>(String path, Predicate<T> isUsed, String reason) {
    static final String ENGINE_FILES =
        "only TensorRT's engine files have such tensors, and they are not served; export to ONNX";

    Feature(String path, Predicate<T> isUsed) {
      this(path, isUsed, "");
    }
  }

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
            path + feature.path,
            feature.reason.isEmpty()
                ? "not supported yet (expected: a model that does not use it)"
                : "not supported: " + feature.reason);
      }
    }
  }
}
