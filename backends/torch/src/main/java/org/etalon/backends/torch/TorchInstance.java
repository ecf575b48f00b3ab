package org.etalon.backends.torch;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.PyTorchLibrary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Runs batches. Owned by one thread.
 *
 * <p>Inputs are read where they lie. Outputs are copied once, into the batch's memory: what a
 * module returns may be its own state, which the next run changes.
 */
final class TorchInstance implements ModelInstance {
  private static final String FORWARD = "forward";

  private final ModelLabel label;
  private final TorchModule module;
  private final boolean ownsModule;
  private final boolean takesDictionary;
  private final Map<String, Integer> positions;
  private final List<ResultSlot> slots;
  private final TensorApi api = new TensorApi();

  TorchInstance(
      ModelLabel label,
      TorchModule module,
      boolean ownsModule,
      ModelConfig config,
      ForwardMethod forward,
      TorchSettings settings) {
    this.label = label;
    this.module = module;
    this.ownsModule = ownsModule;
    this.takesDictionary = forward.takesDictionary();
    this.positions =
        takesDictionary ? Map.of() : TensorNames.inputs(config, forward, new ArrayList<>());
    List<Integer> places = TensorNames.outputs(config);
    List<ResultSlot> made = new ArrayList<>();
    for (var output : BatchOutputs.of(config)) {
      made.add(
          ResultSlot.of(
              made.size(), places.get(made.size()), output, config.getMaxBatchSize() > 0, label));
    }
    this.slots = List.copyOf(made);
    PyTorchLibrary.torchSetNumThreads(settings.intraOpThreads());
    PyTorchLibrary.setGraphExecutorOptimize(settings.isOptimized());
  }

  @Override
  public void execute(Batch batch) {
    long[] tensors = new long[batch.inputs().size()];
    long[] values = {};
    long result = 0;
    try {
      wrap(batch.inputs(), tensors);
      values = takesDictionary ? dictionary(batch.inputs(), tensors) : arguments(batch, tensors);
      result = PyTorchLibrary.moduleRunMethod(module.handle(), FORWARD, values, false, false);
      answer(result, batch);
    } catch (EngineException e) {
      throw label.notRun(e);
    } finally {
      free(tensors, values, result);
    }
  }

  private void wrap(List<Tensor> inputs, long[] tensors) {
    for (int i = 0; i < tensors.length; i++) {
      Tensor input = inputs.get(i);
      if (!input.datatype().isFixedSize()) {
        throw label.invalid("input '%s': strings (expected: numbers)".formatted(input.name()));
      }
      tensors[i] = api.over(input.data(), input.datatype(), input.shape());
      if (module.device().kind() != Device.Kind.CPU) {
        long here = tensors[i];
        tensors[i] = api.empty(input.datatype(), input.shape(), module.device());
        try {
          api.copy(tensors[i], here);
        } finally {
          api.delete(here);
        }
      }
    }
  }

  private static long[] dictionary(List<Tensor> inputs, long[] tensors) {
    String[] keys = inputs.stream().map(Tensor::name).toArray(String[]::new);
    return new long[] {PyTorchLibrary.iValueFromStringMap(keys, tensors)};
  }

  private long[] arguments(Batch batch, long[] tensors) {
    long[] values = new long[tensors.length];
    for (int i = 0; i < tensors.length; i++) {
      Integer position = positions.get(batch.inputs().get(i).name());
      if (position == null || position >= values.length || values[position] != 0) {
        free(new long[0], values, 0);
        throw label.invalid(
            "input '%s' does not fit beside %d others (expected: %s)"
                .formatted(batch.inputs().get(i).name(), tensors.length - 1, positions.keySet()));
      }
      values[position] = PyTorchLibrary.iValueFromTensor(tensors[i]);
    }
    return values;
  }

  private void answer(long result, Batch batch) {
    try (ModuleResult found = ModuleResult.of(result, api, label)) {
      for (ResultSlot slot : slots) {
        if (batch.isRequested(slot.index())) {
          slot.copy(found.tensor(slot.place(), slot.name()), api, batch);
        }
      }
    }
  }

  private void free(long[] tensors, long[] values, long result) {
    if (result != 0) {
      PyTorchLibrary.torchDeleteIValue(result);
    }
    for (long value : values) {
      if (value != 0) {
        PyTorchLibrary.torchDeleteIValue(value);
      }
    }
    for (long tensor : tensors) {
      if (tensor != 0) {
        api.delete(tensor);
      }
    }
  }

  @Override
  public void close() {
    api.close();
    if (ownsModule) {
      module.close();
    }
  }
}
