package org.etalon.engine.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelTensorReshape;

/** Rules of the tensors that a model takes and gives. */
final class TensorRules {
  private static final long ANY = -1;

  private TensorRules() {}

  static void check(ModelConfig config, FaultList faults) {
    check("input", config.getInputList().stream().map(Tensor::of).toList(), faults);
    check("output", config.getOutputList().stream().map(Tensor::of).toList(), faults);
    BatchTensorRules.check(config, faults);
  }

  /** What only a completed configuration must obey: there are tensors and each has a datatype. */
  static void checkCompleted(ModelConfig config, FaultList faults) {
    checkCompleted("input", config.getInputList().stream().map(Tensor::of).toList(), faults);
    checkCompleted("output", config.getOutputList().stream().map(Tensor::of).toList(), faults);
  }

  private record Tensor(
      String name, DataType datatype, List<Long> dims, Optional<ModelTensorReshape> reshape) {
    static Tensor of(ModelInput input) {
      return new Tensor(
          input.getName(),
          input.getDataType(),
          input.getDimsList(),
          input.hasReshape() ? Optional.of(input.getReshape()) : Optional.empty());
    }

    static Tensor of(ModelOutput output) {
      return new Tensor(
          output.getName(),
          output.getDataType(),
          output.getDimsList(),
          output.hasReshape() ? Optional.of(output.getReshape()) : Optional.empty());
    }
  }

  private static void check(String field, List<Tensor> tensors, FaultList faults) {
    Map<String, Integer> indices = new HashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      String path = "%s[%d]".formatted(field, i);
      if (tensor.name.isEmpty()) {
        faults.add(path + ".name", "not given (expected: the tensor's name)");
      } else {
        Integer earlier = indices.putIfAbsent(tensor.name, i);
        if (earlier != null) {
          faults.add(
              path + ".name",
              "'%s' is the name of %s[%d] too (expected: a name of its own)"
                  .formatted(tensor.name, field, earlier));
        }
      }
      checkDims(path, tensor, faults);
    }
  }

  private static void checkDims(String path, Tensor tensor, FaultList faults) {
    for (long dim : tensor.dims) {
      if (dim < 1 && dim != ANY) {
        faults.add(
            path + ".dims",
            "%s of '%s' (expected: each 1 or more, or -1 for any)"
                .formatted(tensor.dims, tensor.name));
        return;
      }
    }
    tensor.reshape.ifPresent(
        reshape -> ReshapeRules.check(path, tensor.dims, reshape.getShapeList(), faults));
  }

  private static void checkCompleted(String field, List<Tensor> tensors, FaultList faults) {
    if (tensors.isEmpty()) {
      faults.add(field, "none (expected: at least one, here or in the model's file)");
    }
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i).datatype == DataType.TYPE_INVALID) {
        faults.add(
            "%s[%d].data_type".formatted(field, i),
            "not given for '%s' (expected: one such as TYPE_FP32)".formatted(tensors.get(i).name));
      }
    }
  }
}
