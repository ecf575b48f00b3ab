package org.etalon.backends.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
    Map<String, TensorSpec> specs = byName(signature.inputs());
    Set<String> described = suppliedByScheduler();
    for (ModelInput.Builder input : completed.getInputBuilderList()) {
      TensorSpec spec = find(input.getName(), "input", specs, described);
      if (spec == null) {
        continue;
      }
      List<Long> reshape = input.hasReshape() ? input.getReshape().getShapeList() : null;
      Fill fill = check("input", spec, input.getDataType(), input.getDimsList(), reshape);
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
      Fill fill = check("input", spec, DataType.TYPE_INVALID, List.of(), null);
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
      List<Long> reshape = output.hasReshape() ? output.getReshape().getShapeList() : null;
      Fill fill = check("output", spec, output.getDataType(), output.getDimsList(), reshape);
      output.setDataType(fill.datatype).clearDims().addAllDims(fill.dims);
    }
    if (config.getOutputCount() > 0) {
      return;
    }
    for (TensorSpec spec : signature.outputs()) {
      if (described.contains(spec.name())) {
        continue;
      }
      Fill fill = check("output", spec, DataType.TYPE_INVALID, List.of(), null);
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

  /** Notes what contradicts the file; answers what is to stand in the configuration. */
  private Fill check(
      String kind,
      TensorSpec spec,
      DataType datatype,
      List<Long> dims,
      @Nullable List<Long> reshape) {
    DataType expected = ElementType.configured(spec.datatype());
    if (datatype != DataType.TYPE_INVALID && datatype != expected) {
      faults.add(
          "%s '%s': data_type %s (expected: %s, as the file says)"
              .formatted(kind, spec.name(), datatype, expected));
    }
    boolean isDescribed = !dims.isEmpty() || reshape != null;
    checkBatch(kind, spec, isDescribed);
    if (!isDescribed) {
      return new Fill(expected, spec.hasShape() ? rowDims(spec) : List.of());
    }
    if (reshape != null) {
      checkReshape(kind, spec, dims, reshape);
    }
    checkDims(kind, spec, reshape == null ? dims : reshape);
    return new Fill(expected, dims);
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

  private void checkDims(String kind, TensorSpec spec, List<Long> dims) {
    if (spec.hasShape() && !agree(dims, rowDims(spec))) {
      faults.add(
          "%s '%s': %s %s (expected: %s, as the file says%s)"
              .formatted(
                  kind,
                  spec.name(),
                  "dims",
                  TensorSpec.text(dims),
                  TensorSpec.text(rowDims(spec)),
                  maxBatchSize > 0 ? " behind the batch" : ""));
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

  private void checkReshape(String kind, TensorSpec spec, List<Long> dims, List<Long> reshape) {
    boolean isFixed = !dims.contains(TensorSpec.FREE) && !reshape.contains(TensorSpec.FREE);
    long free = reshape.stream().filter(dim -> dim == TensorSpec.FREE).count();
    if (free > 1 || (isFixed && product(dims) != product(reshape))) {
      faults.add(
          "%s '%s': reshape %s of dims %s (expected: as many elements, and at most one free dimension)"
              .formatted(kind, spec.name(), TensorSpec.text(reshape), TensorSpec.text(dims)));
    }
  }

  private static long product(List<Long> dims) {
    return dims.stream().reduce(1L, (left, right) -> left * right);
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
