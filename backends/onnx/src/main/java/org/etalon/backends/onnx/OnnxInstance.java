package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.InsideShape;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Runs batches on a session that it shares with other instances. Owned by one thread.
 *
 * <p>Inputs are read where they lie. Outputs of known shape are written where the batch wants them;
 * others are handed over where ONNX Runtime put them. Only strings are copied.
 */
final class OnnxInstance implements ModelInstance {
  private final OrtApi api;
  private final ModelLabel label;
  private final MemorySegment session;
  private final MemorySegment runOptions;
  private final List<InputSlot> inputs;
  private final Set<String> required;
  private final Map<String, InputSlot> inputsByName;
  private final List<OutputSlot> outputs;

  @SuppressWarnings("MustBeClosedChecker") // closed with the instance
  private final Arena arena = Arena.ofConfined();

  private final MemorySegment inputNames;
  private final MemorySegment inputValues;
  private final MemorySegment outputNames;
  private final MemorySegment outputValues;
  private final MemorySegment scratch;
  private final NativeShape nativeShape;
  private final StringTensors strings;

  /** Tensors of this batch alone, to be given back after it. */
  private final List<MemorySegment> owned = new ArrayList<>();

  /** The outputs of this batch that are asked for. */
  private final List<OutputSlot> asked = new ArrayList<>();

  OnnxInstance(
      OrtApi api,
      ModelLabel label,
      MemorySegment session,
      MemorySegment runOptions,
      ModelConfig config,
      ModelSignature signature) {
    this.api = api;
    this.label = label;
    this.session = session;
    this.runOptions = runOptions;
    this.scratch = arena.allocate(ADDRESS);
    this.nativeShape = new NativeShape(arena);
    this.strings = new StringTensors(api, label, nativeShape, scratch);
    this.inputs = signature.allInputs().stream().map(this::inputSlot).toList();
    this.required = signature.inputs().stream().map(TensorSpec::name).collect(Collectors.toSet());
    this.inputsByName =
        inputs.stream().collect(Collectors.toMap(InputSlot::name, Function.identity()));
    this.outputs = outputSlots(config, signature);
    this.inputNames = pointers(inputs.size());
    this.inputValues = pointers(inputs.size());
    this.outputNames = pointers(outputs.size());
    this.outputValues = pointers(outputs.size());
  }

  private MemorySegment pointers(int count) {
    return arena.allocate(ADDRESS, Math.max(1, count));
  }

  private InputSlot inputSlot(TensorSpec spec) {
    return new InputSlot(label, spec, cache(spec.datatype()), arena.allocateFrom(spec.name()));
  }

  private List<OutputSlot> outputSlots(ModelConfig config, ModelSignature signature) {
    Map<String, TensorSpec> specs =
        signature.outputs().stream()
            .collect(Collectors.toMap(TensorSpec::name, Function.identity(), (first, _) -> first));
    List<OutputSlot> slots = new ArrayList<>();
    for (ModelOutput output : BatchOutputs.of(config)) {
      TensorSpec spec = specs.get(output.getName());
      if (spec == null) {
        throw new IllegalArgumentException("output '" + output.getName() + "' is not in the file");
      }
      slots.add(
          new OutputSlot(
              slots.size(),
              spec,
              InsideShape.of(config, output),
              InsideShape.hasBatch(config, output),
              cache(spec.datatype()),
              arena.allocateFrom(spec.name())));
    }
    return List.copyOf(slots);
  }

  private TensorCache cache(DataType datatype) {
    return new TensorCache(api, ElementType.number(datatype), nativeShape, scratch);
  }

  @Override
  public void execute(Batch batch) {
    try {
      int inputCount = bindInputs(batch);
      bindOutputs(batch);
      if (asked.isEmpty()) {
        return;
      }
      api.run(
          session,
          runOptions,
          inputNames,
          inputValues,
          inputCount,
          outputNames,
          outputValues,
          asked.size());
      takeOutputs(batch);
    } catch (OrtException e) {
      throw label.notRun(e);
    } finally {
      releaseOwned();
    }
  }

  private int bindInputs(Batch batch) throws OrtException {
    List<Tensor> tensors = batch.inputs();
    if (tensors.size() > inputs.size()) {
      throw label.invalid(
          "%d inputs (expected: %d at most)".formatted(tensors.size(), inputs.size()));
    }
    for (int i = 0; i < tensors.size(); i++) {
      Tensor tensor = tensors.get(i);
      InputSlot slot = slot(tensor.name(), i);
      slot.check(tensor);
      MemorySegment value;
      if (slot.isString()) {
        value = strings.create(tensor);
        owned.add(value);
      } else {
        value = slot.wrap(tensor);
      }
      inputNames.setAtIndex(ADDRESS, i, slot.nativeName());
      inputValues.setAtIndex(ADDRESS, i, value);
    }
    if (tensors.size() < inputs.size()) {
      checkNoneMissing(tensors);
    }
    return tensors.size();
  }

  private void checkNoneMissing(List<Tensor> given) {
    List<String> names = new ArrayList<>(required);
    given.forEach(tensor -> names.remove(tensor.name()));
    if (!names.isEmpty()) {
      throw label.invalid(
          "input '%s' is missing, and the file has no default for it"
              .formatted(String.join("', '", names)));
    }
  }

  private InputSlot slot(String name, int position) {
    InputSlot likely = inputs.get(position);
    if (likely.name().equals(name)) {
      return likely;
    }
    InputSlot slot = inputsByName.get(name);
    if (slot == null) {
      throw label.invalid(
          "unexpected input '%s' (expected: %s)".formatted(name, inputsByName.keySet()));
    }
    return slot;
  }

  private void bindOutputs(Batch batch) throws OrtException {
    asked.clear();
    for (OutputSlot slot : outputs) {
      if (batch.isRequested(slot.index())) {
        outputNames.setAtIndex(ADDRESS, asked.size(), slot.nativeName());
        outputValues.setAtIndex(
            ADDRESS, asked.size(), slot.isPinned() ? slot.pin(batch) : MemorySegment.NULL);
        asked.add(slot);
      }
    }
  }

  private void takeOutputs(Batch batch) throws OrtException {
    for (int i = 0; i < asked.size(); i++) {
      if (!asked.get(i).isPinned()) {
        owned.add(outputValues.getAtIndex(ADDRESS, i));
      }
    }
    for (int i = 0; i < asked.size(); i++) {
      if (!asked.get(i).isPinned()) {
        take(asked.get(i), outputValues.getAtIndex(ADDRESS, i), batch);
      }
    }
  }

  private void take(OutputSlot slot, MemorySegment value, Batch batch) throws OrtException {
    OrtApi.TensorType type = api.tensorType(value, scratch);
    Shape actual = Shape.of(type.dims());
    Shape shape = slot.answered(actual, batch.rows(), label);
    if (slot.datatype() == DataType.BYTES) {
      MemorySegment elements = strings.read(value, actual.elementCount());
      batch.handOver(
          slot.index(), new Tensor(slot.name(), DataType.BYTES, shape, elements), () -> {});
      return;
    }
    MemorySegment data =
        api.tensorData(value, scratch).reinterpret(Tensor.byteSize(slot.datatype(), shape));
    if (liesInAnInput(data, batch)) {
      batch.allocate(slot.index(), slot.datatype(), shape).copyFrom(data);
      return;
    }
    batch.handOver(
        slot.index(),
        new Tensor(slot.name(), slot.datatype(), shape, data),
        () -> api.releaseValue(value));
    owned.remove(value);
  }

  /** True for an output that is an input, which is not ours to keep when the batch ends. */
  private static boolean liesInAnInput(MemorySegment data, Batch batch) {
    for (Tensor input : batch.inputs()) {
      if (input.data().isNative() && data.asOverlappingSlice(input.data()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private void releaseOwned() {
    for (MemorySegment value : owned) {
      api.releaseValue(value);
    }
    owned.clear();
  }

  @Override
  public void close() {
    inputs.forEach(InputSlot::close);
    outputs.forEach(OutputSlot::close);
    arena.close();
  }
}
