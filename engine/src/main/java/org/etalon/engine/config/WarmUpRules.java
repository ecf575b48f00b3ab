package org.etalon.engine.config;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelWarmup;
import org.etalon.protocol.proto.ModelWarmup.Input.InputDataTypeCase;

/** Rules of the requests that a version answers before it is served. */
final class WarmUpRules {
  private WarmUpRules() {}

  static void check(ModelConfig config, FaultList faults) {
    List<ModelWarmup> samples = config.getModelWarmupList();
    for (int i = 0; i < samples.size(); i++) {
      String path = "model_warmup[%d]".formatted(i);
      ModelWarmup sample = samples.get(i);
      if (sample.getName().isEmpty()) {
        faults.add(path + ".name", "not given (expected: a name for messages)");
      }
      if (sample.getInputsCount() == 0) {
        faults.add(path + ".inputs", "none (expected: every input of the model)");
      }
      sample
          .getInputsMap()
          .forEach(
              (name, input) -> check("%s.inputs[\"%s\"]".formatted(path, name), input, faults));
    }
  }

  private static void check(String path, ModelWarmup.Input input, FaultList faults) {
    if (input.getInputDataTypeCase() == InputDataTypeCase.INPUTDATATYPE_NOT_SET) {
      faults.add(path, "no data (expected: zero_data, random_data or input_data_file)");
    }
    if (input.getDataType() == DataType.TYPE_INVALID) {
      faults.add(path + ".data_type", "not given (expected: that of the model's input)");
    }
    if (input.getDimsList().stream().anyMatch(dim -> dim < 1)) {
      faults.add(
          path + ".dims",
          "%s (expected: each 1 or more, without the batch)".formatted(input.getDimsList()));
    }
  }

  /** What can only be said once the model's inputs are known. */
  static void checkCompleted(ModelConfig config, FaultList faults) {
    Map<String, ModelInput> known =
        config.getInputList().stream()
            .collect(Collectors.toMap(ModelInput::getName, Function.identity(), (a, _) -> a));
    int mostRows = Math.max(1, config.getMaxBatchSize());
    for (int i = 0; i < config.getModelWarmupCount(); i++) {
      ModelWarmup sample = config.getModelWarmup(i);
      String path = "model_warmup[%d]".formatted(i);
      if (Integer.compareUnsigned(sample.getBatchSize(), mostRows) > 0) {
        faults.add(
            path + ".batch_size",
            "%s (expected: at most max_batch_size, which is %d)"
                .formatted(
                    Integer.toUnsignedString(sample.getBatchSize()), config.getMaxBatchSize()));
      }
      checkInputs(path, sample, known, faults);
    }
  }

  private static void checkInputs(
      String path, ModelWarmup sample, Map<String, ModelInput> known, FaultList faults) {
    for (ModelInput input : known.values()) {
      if (!input.getOptional() && !sample.containsInputs(input.getName())) {
        faults.add(path + ".inputs", "'%s' is missing".formatted(input.getName()));
      }
    }
    sample
        .getInputsMap()
        .forEach((name, given) -> {
          String at = "%s.inputs[\"%s\"]".formatted(path, name);
          ModelInput input = known.get(name);
          if (input == null) {
            faults.add(
                at, "'%s' (expected: an input of the model, %s)".formatted(name, known.keySet()));
          } else {
            checkMatch(at, given, input, faults);
          }
        });
  }

  private static void checkMatch(
      String path, ModelWarmup.Input given, ModelInput input, FaultList faults) {
    if (given.getDataType() != input.getDataType()) {
      faults.add(
          path + ".data_type",
          "%s (expected: %s)".formatted(given.getDataType(), input.getDataType()));
    }
    List<Long> dims = given.getDimsList();
    List<Long> expected = input.getDimsList();
    boolean fits = dims.size() == expected.size();
    for (int i = 0; fits && i < dims.size(); i++) {
      fits = expected.get(i) == -1 || expected.get(i).equals(dims.get(i));
    }
    if (!fits) {
      faults.add(path + ".dims", "%s (expected: %s)".formatted(dims, expected));
    }
  }
}
