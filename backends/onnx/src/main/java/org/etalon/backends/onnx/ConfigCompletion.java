package org.etalon.backends.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.engine.backend.InsideShape;
import org.etalon.protocol.proto.BatchInput;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.jspecify.annotations.Nullable;

/**
 * Checks a configuration against the model file and fills in what only the file says. Owned by one
 * thread.
 */
final class ConfigCompletion {
  private final ModelLabel label;
  private final ModelConfig config;
  private final ModelSignature signature;
  private final int maxBatchSize;
  private final List<String> faults = new ArrayList<>();

  private ConfigCompletion(ModelLabel label, ModelConfig config, ModelSignature signature) {
    this.label = label;
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
    return new ConfigCompletion(label, config, signature).complete();
  }

  private ModelConfig complete() {
    if (maxBatchSize < 0) {
      faults.add("max_batch_size: %d (expected: 0 or more)".formatted(maxBatchSize));
    }
    ModelConfig.Builder completed = config.toBuilder().setMaxBatchSize(Math.max(0, maxBatchSize));
    if (config.getBackend().isEmpty()) {
      completed.setBackend(OnnxBackend.NAME);
    }
    completeInputs(completed);
    completeOutputs(completed);
    if (!faults.isEmpty()) {
      throw label.invalid("the configuration contradicts the file: " + String.join("; ", faults));
    }
    return completed.build();
  }

  private void completeInputs(ModelConfig.Builder completed) {
    Map<String, TensorSpec> specs = byName(signature.allInputs());
    Set<String> described = suppliedByScheduler();
    checkBatchInputs(specs);
    for (ModelInput.Builder input : completed.getInputBuilderList()) {
      TensorSpec spec = find(input.getName(), "input", specs, described);
      if (spec == null) {
        continue;
      }
      Fill fill = check("input", spec, input.getDataType(), described(input.build()));
      input.setDataType(fill.datatype).clearDims().addAllDims(fill.dims);
    }
    for (TensorSpec spec : signature.inputs()) {
      if (described.contains(spec.name())) {
        continue;
      }
      if (config.getInputCount() > 0) {
        faults.add(
            "input '%s' (%s %s) of the file is not in the configuration"
                .formatted(spec.name(), spec.datatype(), TensorSpec.text(spec.dims())));
        continue;
      }
      Fill fill = check("input", spec, DataType.TYPE_INVALID, Optional.empty());
      completed.addInput(
          ModelInput.newBuilder()
              .setName(spec.name())
              .setDataType(fill.datatype)
              .addAllDims(fill.dims));
    }
  }

  /** Unlike an input, an output that the configuration leaves out is not served, and no fault. */
  private void completeOutputs(ModelConfig.Builder completed) {
    Map<String, TensorSpec> specs = byName(signature.outputs());
    Set<String> described = suppliedByScheduler();
    for (ModelOutput.Builder output : completed.getOutputBuilderList()) {
      TensorSpec spec = find(output.getName(), "output", specs, described);
      if (spec == null) {
        continue;
      }
      Fill fill = check("output", spec, output.getDataType(), described(output.build()));
      output.setDataType(fill.datatype).clearDims().addAllDims(fill.dims);
    }
    if (config.getOutputCount() > 0) {
      return;
    }
    for (TensorSpec spec : signature.outputs()) {
      if (described.contains(spec.name())) {
        continue;
      }
      Fill fill = check("output", spec, DataType.TYPE_INVALID, Optional.empty());
      completed.addOutput(
          ModelOutput.newBuilder()
              .setName(spec.name())
              .setDataType(fill.datatype)
              .addAllDims(fill.dims));
    }
  }

  /** Tensors that {@code input} and {@code output} need not name: the scheduler provides them. */
  private Set<String> suppliedByScheduler() {
    Set<String> names = new HashSet<>();
    config.getBatchInputList().forEach(input -> names.addAll(input.getTargetNameList()));
    ModelSequenceBatching sequences = config.getSequenceBatching();
    sequences.getControlInputList().forEach(control -> names.add(control.getName()));
    for (ModelSequenceBatching.State state : sequences.getStateList()) {
      names.add(state.getInputName());
      names.add(state.getOutputName());
    }
    return names;
  }

  private @Nullable TensorSpec find(
      String name, String kind, Map<String, TensorSpec> specs, Set<String> described) {
    if (!described.add(name)) {
      faults.add("%s '%s' is described twice".formatted(kind, name));
      return null;
    }
    TensorSpec spec = specs.get(name);
    if (spec == null) {
      faults.add(
          "%s '%s' is not in the file (its %ss: %s)"
              .formatted(kind, name, kind, String.join(", ", specs.keySet())));
    }
    return spec;
  }

  private record Fill(DataType datatype, List<Long> dims) {}

  /**
   * The shape that a configuration gives a tensor.
   *
   * @param dims as it stands there
   * @param inside the model, with the batch; empty where any will do
   * @param hasBatch true if the batch is the first extent inside the model
   */
  private record Described(List<Long> dims, Optional<List<Long>> inside, boolean hasBatch) {}

  /** Empty where the configuration leaves the shape to the file. */
  private Optional<Described> described(ModelInput input) {
    boolean hasBatch = InsideShape.hasBatch(config, input);
    boolean isOpen = input.getDimsCount() == 0 && !input.hasReshape();
    return isOpen && hasBatch == maxBatchSize > 0
        ? Optional.empty()
        : Optional.of(
            new Described(
                input.getDimsList(), Optional.of(InsideShape.of(config, input)), hasBatch));
  }

  private Optional<Described> described(ModelOutput output) {
    boolean hasBatch = InsideShape.hasBatch(config, output);
    boolean isOpen = output.getDimsCount() == 0 && !output.hasReshape();
    return isOpen && hasBatch == maxBatchSize > 0
        ? Optional.empty()
        : Optional.of(
            new Described(output.getDimsList(), InsideShape.of(config, output), hasBatch));
  }

  /** Notes what contradicts the file; answers what is to stand in the configuration. */
  private Fill check(
      String kind, TensorSpec spec, DataType datatype, Optional<Described> described) {
    DataType expected = ElementType.configured(spec.datatype());
    if (datatype != DataType.TYPE_INVALID && datatype != expected) {
      faults.add(
          "%s '%s': data_type %s (expected: %s, as the file says)"
              .formatted(kind, spec.name(), datatype, expected));
    }
    if (described.isEmpty()) {
      checkBatch(kind, spec, false);
      return new Fill(expected, spec.hasShape() ? rowDims(spec) : List.of());
    }
    Described shape = described.get();
    if (shape.hasBatch) {
      checkBatch(kind, spec, true);
    }
    shape.inside.ifPresent(inside -> checkShape(kind, spec, inside, shape.hasBatch));
    return new Fill(expected, shape.dims);
  }

  /** Inputs that the engine makes: they are in the file, with that datatype. */
  private void checkBatchInputs(Map<String, TensorSpec> specs) {
    for (BatchInput input : config.getBatchInputList()) {
      for (String target : input.getTargetNameList()) {
        TensorSpec spec = specs.get(target);
        if (spec == null) {
          faults.add(
              "batch_input '%s' is not in the file (its inputs: %s)"
                  .formatted(target, String.join(", ", specs.keySet())));
        } else if (ElementType.configured(spec.datatype()) != input.getDataType()) {
          faults.add(
              "batch_input '%s': data_type %s (expected: %s, as the file says)"
                  .formatted(target, input.getDataType(), ElementType.configured(spec.datatype())));
        }
      }
    }
  }

  private void checkBatch(String kind, TensorSpec spec, boolean isDescribed) {
    if (maxBatchSize == 0) {
      return;
    }
    if (spec.hasShape() && !spec.hasFreeFirst()) {
      faults.add(
          "%s '%s': the file fixes the first dimension of %s, but max_batch_size is %d (expected: a free first dimension; export it so, or set max_batch_size: 0 and dims with it)"
              .formatted(kind, spec.name(), TensorSpec.text(spec.dims()), maxBatchSize));
    } else if (!spec.hasShape() && !isDescribed) {
      faults.add(
          "%s '%s': the file gives no shape (expected: dims in the configuration)"
              .formatted(kind, spec.name()));
    }
  }

  private void checkShape(String kind, TensorSpec spec, List<Long> inside, boolean hasBatch) {
    int first = hasBatch ? 1 : 0;
    if (!spec.hasShape()) {
      return;
    }
    List<Long> given = inside.subList(first, inside.size());
    List<Long> expected = spec.dims().subList(first, spec.dims().size());
    if (!agree(given, expected)) {
      faults.add(
          "%s '%s': dims %s (expected: %s, as the file says%s)"
              .formatted(
                  kind,
                  spec.name(),
                  TensorSpec.text(given),
                  TensorSpec.text(expected),
                  hasBatch ? " behind the batch" : ""));
    }
  }

  /** True if every shape that the configuration allows is one that the file allows. */
  private static boolean agree(List<Long> dims, List<Long> fileDims) {
    if (dims.size() != fileDims.size()) {
      return false;
    }
    for (int i = 0; i < dims.size(); i++) {
      long dim = dims.get(i);
      long fileDim = fileDims.get(i);
      if (dim < TensorSpec.FREE || (fileDim != TensorSpec.FREE && dim != fileDim)) {
        return false;
      }
    }
    return true;
  }

  private List<Long> rowDims(TensorSpec spec) {
    return maxBatchSize > 0 ? spec.dims().subList(1, spec.dims().size()) : spec.dims();
  }

  private static Map<String, TensorSpec> byName(List<TensorSpec> specs) {
    return specs.stream()
        .collect(
            Collectors.toMap(
                TensorSpec::name, spec -> spec, (first, _) -> first, LinkedHashMap::new));
  }
}
