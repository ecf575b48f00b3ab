package org.etalon.engine.config;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.protocol.proto.BatchInput;
import org.etalon.protocol.proto.BatchOutput;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/** Rules of ragged inputs and shape tensors, and of what tells a model how they are made up. */
final class BatchTensorRules {
  private BatchTensorRules() {}

  static void check(ModelConfig config, FaultList faults) {
    for (int i = 0; i < config.getInputCount(); i++) {
      checkInput("input[%d]".formatted(i), config, config.getInput(i), faults);
    }
    for (int i = 0; i < config.getOutputCount(); i++) {
      ModelOutput output = config.getOutput(i);
      if (output.getIsShapeTensor()) {
        checkShapeTensor(
            "output[%d]".formatted(i),
            output.getDataType(),
            output.getDimsList(),
            output.hasReshape(),
            faults);
      }
    }
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < config.getBatchInputCount(); i++) {
      checkBatchInput("batch_input[%d]".formatted(i), config, config.getBatchInput(i), faults);
      checkNew("batch_input[%d]", i, config.getBatchInput(i).getTargetNameList(), targets, faults);
    }
    for (int i = 0; i < config.getBatchOutputCount(); i++) {
      checkBatchOutput("batch_output[%d]".formatted(i), config, config.getBatchOutput(i), faults);
    }
  }

  private static void checkInput(
      String path, ModelConfig config, ModelInput input, FaultList faults) {
    if (input.getFormat() != ModelInput.Format.FORMAT_NONE && input.getDimsCount() != 3) {
      faults.add(
          path + ".format",
          "%s with dims %s: model input NHWC/NCHW require 3 dims"
              .formatted(input.getFormat(), input.getDimsList()));
    }
    if (input.getAllowRaggedBatch()) {
      checkRagged(path, config, input, faults);
    }
    if (input.getIsShapeTensor()) {
      checkShapeTensor(path, input.getDataType(), input.getDimsList(), input.hasReshape(), faults);
    }
  }

  private static void checkRagged(
      String path, ModelConfig config, ModelInput input, FaultList faults) {
    if (config.getMaxBatchSize() == 0) {
      faults.add(
          path + ".allow_ragged_batch",
          "true, but the model does not batch (expected: max_batch_size of 1 or more)");
    }
    if (input.getIsShapeTensor()) {
      faults.add(
          path + ".allow_ragged_batch", "true for a shape tensor (expected: one of the two)");
    }
  }

  private static void checkShapeTensor(
      String path, DataType datatype, List<Long> dims, boolean hasReshape, FaultList faults) {
    boolean isInteger =
        datatype == DataType.TYPE_INT32
            || datatype == DataType.TYPE_INT64
            || datatype == DataType.TYPE_INVALID; // the model's file will tell
    if (!isInteger) {
      faults.add(
          path + ".data_type",
          "%s of a shape tensor (expected: TYPE_INT32 or TYPE_INT64)".formatted(datatype));
    }
    if (dims.size() > 1 || hasReshape) {
      faults.add(
          path + ".dims",
          "%s of a shape tensor (expected: one extent, and no reshape)".formatted(dims));
    }
  }

  private static void checkBatchInput(
      String path, ModelConfig config, BatchInput input, FaultList faults) {
    checkKnown(
        path + ".source_input",
        input.getSourceInputList(),
        config.getInputList().stream().map(ModelInput::getName).toList(),
        "input",
        faults);
    if (input.getTargetNameCount() == 0) {
      faults.add(path + ".target_name", "none (expected: an input of the model's file)");
    }
    if (input.getDataType() != DataType.TYPE_INT32 && input.getDataType() != DataType.TYPE_FP32) {
      faults.add(
          path + ".data_type",
          "%s (expected: TYPE_INT32 or TYPE_FP32)".formatted(input.getDataType()));
    }
    if (config.getMaxBatchSize() == 0) {
      faults.add(
          path, "given, but the model does not batch (expected: max_batch_size of 1 or more)");
    }
    List<String> inputs = config.getInputList().stream().map(ModelInput::getName).toList();
    for (String target : input.getTargetNameList()) {
      if (inputs.contains(target)) {
        faults.add(
            path + ".target_name",
            "'%s' is an input of requests too (expected: one that requests do not give)"
                .formatted(target));
      }
    }
  }

  private static void checkNew(
      String path, int index, List<String> targets, Set<String> known, FaultList faults) {
    for (String target : targets) {
      if (!known.add(target)) {
        faults.add(
            path.formatted(index) + ".target_name",
            "'%s' is given more than once (expected: once)".formatted(target));
      }
    }
  }

  private static void checkBatchOutput(
      String path, ModelConfig config, BatchOutput output, FaultList faults) {
    checkKnown(
        path + ".source_input",
        output.getSourceInputList(),
        config.getInputList().stream().map(ModelInput::getName).toList(),
        "input",
        faults);
    checkKnown(
        path + ".target_name",
        output.getTargetNameList(),
        config.getOutputList().stream().map(ModelOutput::getName).toList(),
        "output",
        faults);
    for (ModelOutput target : config.getOutputList()) {
      if (output.getTargetNameList().contains(target.getName())
          && (target.hasReshape() || target.getIsShapeTensor())) {
        faults.add(
            path + ".target_name",
            "'%s' has reshape or is a shape tensor (expected: neither)"
                .formatted(target.getName()));
      }
    }
  }

  private static void checkKnown(
      String path, List<String> names, List<String> known, String kind, FaultList faults) {
    boolean isUnknownYet = known.isEmpty(); // the model's file will tell
    if (names.size() != 1 || !(isUnknownYet || known.contains(names.getFirst()))) {
      faults.add(
          path,
          "%s (expected: one %s of the configuration, of %s)"
              .formatted(names, kind, known.stream().collect(Collectors.joining(", ", "[", "]"))));
    }
  }
}
