package org.etalon.backends.tensorflow;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.jspecify.annotations.Nullable;

/**
 * Checks a configuration against the signature and fills in what only the signature says. Owned by
 * one thread.
 */
final class ConfigCompletion {
  private final ModelConfig config;
  private final ModelSignature signature;
  private final int maxBatchSize;
  private final List<String> faults = new ArrayList<>();

  private ConfigCompletion(ModelConfig config, ModelSignature signature) {
    this.config = config;
    this.signature = signature;
    boolean isBare =
        config.getMaxBatchSize() == 0
            && config.getInputCount() == 0
            && config.getOutputCount() == 0;
    this.maxBatchSize = isBare && signature.canBatch() ? 1 : config.getMaxBatchSize();
  }

  /**
   * The completed configuration; see {@link org.etalon.engine.backend.Backend#load} for {@code
   * max_batch_size}.
   *
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT, with every contradiction
   */
  static ModelConfig complete(ModelLabel label, ModelConfig config, ModelSignature signature) {
    ConfigCompletion completion = new ConfigCompletion(config, signature);
    ModelConfig completed = completion.complete();
    if (!completion.faults.isEmpty()) {
      throw label.invalid(
          "the configuration contradicts the signature: " + String.join("; ", completion.faults));
    }
    return completed;
  }

  private ModelConfig complete() {
    ModelConfig.Builder completed = config.toBuilder().setMaxBatchSize(maxBatchSize);
    if (config.getBackend().isEmpty()) {
      completed.setBackend(TensorFlowBackend.NAME);
    }
    Set<String> described = suppliedByScheduler();
    if (config.getInputCount() == 0) {
      for (TensorSpec spec : signature.inputs()) {
        if (!described.contains(spec.name())) {
          completed.addInput(ModelInput.newBuilder().setName(spec.name()));
        }
      }
    }
    if (config.getOutputCount() == 0) {
      for (TensorSpec spec : signature.outputs()) {
        if (!described.contains(spec.name())) {
          completed.addOutput(ModelOutput.newBuilder().setName(spec.name()));
        }
      }
    }
    completed.getInputBuilderList().forEach(input -> described.add(fill(input)));
    completed.getOutputBuilderList().forEach(this::fill);
    requireAllInputs(described);
    for (ModelOutput output : BatchOutputs.of(completed.build())) {
      find("output", output.getName(), signature.outputs());
    }
    return completed.build();
  }

  private String fill(ModelInput.Builder input) {
    TensorSpec spec = find("input", input.getName(), signature.inputs());
    if (spec != null) {
      List<Long> inside =
          input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList();
      check("input", spec, input.getDataType(), inside);
      input.setDataType(ElementType.configured(spec.datatype()));
      if (input.getDimsCount() == 0 && !input.hasReshape()) {
        input.addAllDims(rowDims("input", spec));
      }
    }
    return input.getName();
  }

  private void fill(ModelOutput.Builder output) {
    TensorSpec spec = find("output", output.getName(), signature.outputs());
    if (spec != null) {
      List<Long> inside =
          output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList();
      check("output", spec, output.getDataType(), inside);
      output.setDataType(ElementType.configured(spec.datatype()));
      if (output.getDimsCount() == 0 && !output.hasReshape()) {
        output.addAllDims(rowDims("output", spec));
      }
    }
  }

  private @Nullable TensorSpec find(String kind, String name, List<TensorSpec> specs) {
    for (TensorSpec spec : specs) {
      if (spec.name().equals(name)) {
        return spec;
      }
    }
    String fault =
        "%s '%s' is not in the signature (its %ss: %s)"
            .formatted(
                kind,
                name,
                kind,
                specs.stream().map(TensorSpec::name).collect(Collectors.joining(", ")));
    if (!faults.contains(fault)) {
      faults.add(fault);
    }
    return null;
  }

  private void check(String kind, TensorSpec spec, DataType datatype, List<Long> dims) {
    DataType expected = ElementType.configured(spec.datatype());
    if (datatype != DataType.TYPE_INVALID && datatype != expected) {
      faults.add(
          "%s '%s': data_type %s (expected: %s, as the signature says)"
              .formatted(kind, spec.name(), datatype, expected));
    }
    if (spec.dims().isEmpty()) {
      return;
    }
    if (maxBatchSize > 0 && !spec.hasFreeFirst()) {
      faults.add(
          "%s '%s': the signature fixes the first dimension of %s, but max_batch_size is %d (expected: a free first dimension, or max_batch_size: 0)"
              .formatted(kind, spec.name(), spec.dims().get(), maxBatchSize));
    } else if (!dims.isEmpty() && !agree(dims, rowDims(kind, spec))) {
      faults.add(
          "%s '%s': dims %s (expected: %s, as the signature says%s)"
              .formatted(
                  kind,
                  spec.name(),
                  dims,
                  rowDims(kind, spec),
                  maxBatchSize > 0 ? " behind the batch" : ""));
    }
  }

  /** True if every shape that the configuration allows is one that the signature allows. */
  private static boolean agree(List<Long> dims, List<Long> fileDims) {
    if (dims.size() != fileDims.size()) {
      return false;
    }
    for (int i = 0; i < dims.size(); i++) {
      long fileDim = fileDims.get(i);
      if (fileDim != TensorSpec.FREE && dims.get(i) != fileDim) {
        return false;
      }
    }
    return true;
  }

  private List<Long> rowDims(String kind, TensorSpec spec) {
    if (spec.dims().isEmpty()) {
      faults.add(
          "%s '%s': the signature gives no shape (expected: dims in the configuration)"
              .formatted(kind, spec.name()));
      return List.of();
    }
    List<Long> dims = spec.dims().get();
    return maxBatchSize > 0 && !dims.isEmpty() ? dims.subList(1, dims.size()) : dims;
  }

  private void requireAllInputs(Set<String> described) {
    for (TensorSpec spec : signature.inputs()) {
      if (!described.contains(spec.name())) {
        faults.add(
            "input '%s' of the signature is not in the configuration".formatted(spec.name()));
      }
    }
  }

  /** Tensors that {@code input} and {@code output} need not name: the scheduler provides them. */
  private Set<String> suppliedByScheduler() {
    Set<String> names = new LinkedHashSet<>();
    config.getBatchInputList().forEach(input -> names.addAll(input.getTargetNameList()));
    ModelSequenceBatching sequences = config.getSequenceBatching();
    sequences.getControlInputList().forEach(control -> names.add(control.getName()));
    for (ModelSequenceBatching.State state : sequences.getStateList()) {
      names.add(state.getInputName());
      names.add(state.getOutputName());
    }
    return names;
  }
}
