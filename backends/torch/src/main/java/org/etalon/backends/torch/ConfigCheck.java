package org.etalon.backends.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Checks a configuration against the method that is run. A TorchScript file holds neither element
 * types nor shapes, so a configuration must describe every input and output.
 */
final class ConfigCheck {
  private ConfigCheck() {}

  /**
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT with all faults; UNIMPLEMENTED
   *     if the method takes something that is no tensor
   */
  static ModelConfig complete(ModelConfig config, ForwardMethod forward, ModelLabel label) {
    if (!forward.takesDictionary()
        && forward.arguments().stream()
            .anyMatch(argument -> !argument.isTensor() && !argument.hasDefault())) {
      throw label.unsupported(
          "%s takes something else than tensors (expected: tensors, or one %s)"
              .formatted(forward, ForwardMethod.DICTIONARY));
    }
    if (config.getInputCount() == 0 || config.getOutputCount() == 0) {
      throw label.invalid(undescribed(forward));
    }
    List<String> faults = new ArrayList<>();
    config
        .getInputList()
        .forEach(input -> checkType("input", input.getName(), input.getDataType(), faults));
    config
        .getOutputList()
        .forEach(output -> checkType("output", output.getName(), output.getDataType(), faults));
    if (!forward.takesDictionary()) {
      TensorNames.inputs(config, forward, faults);
    }
    if (!faults.isEmpty()) {
      throw label.invalid("the configuration does not fit: " + String.join("; ", faults));
    }
    return config.getBackend().isEmpty()
        ? config.toBuilder().setBackend(TorchBackend.NAME).build()
        : config;
  }

  private static void checkType(String kind, String name, DataType type, List<String> faults) {
    if (type == DataType.TYPE_INVALID) {
      faults.add(
          "%s '%s': no data_type (expected: one, since a TorchScript file holds none)"
              .formatted(kind, name));
    } else if (ElementType.of(type).isEmpty()) {
      faults.add(
          "%s '%s': %s (expected: numbers or TYPE_BOOL; libtorch has no tensors of strings)"
              .formatted(kind, name, type));
    }
  }

  private static String undescribed(ForwardMethod forward) {
    String inputs =
        forward.tensorNames().stream()
            .map("input { name: \"%s\" data_type: TYPE_FP32 dims: [ ... ] }"::formatted)
            .collect(Collectors.joining(" "));
    return "a TorchScript file holds neither data types nor shapes (expected: a config.pbtxt that describes every input and output of %s, such as: max_batch_size: 64 %s output { name: \"OUTPUT__0\" data_type: TYPE_FP32 dims: [ ... ] })"
        .formatted(forward, inputs);
  }
}
