package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.DataType;
import org.etalon.inference.NearestName;
import org.etalon.inference.ServingException;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;

/**
 * Whether the models of an ensemble's steps fit its configuration and each other; all faults are
 * told at once, by step and tensor. Immutable.
 */
final class EnsembleTensorRules {
  private final ModelConfig config;
  private final boolean isLimited;
  private final ModelShape shape;

  /**
   * @param isLimited true where instances hold resources while they run
   */
  EnsembleTensorRules(ModelConfig config, boolean isLimited) {
    this.config = config;
    this.isLimited = isLimited;
    this.shape = ModelShape.of(config);
  }

  /**
   * @param served the version of each step
   * @throws ServingException INVALID_ARGUMENT
   */
  void check(EnsembleGraph graph, List<ServedVersion> served) {
    Check check = new Check(graph, served);
    check.run();
    if (!check.faults.isEmpty()) {
      throw ServingException.invalid(
          "ensemble '%s': %s".formatted(config.getName(), String.join("; ", check.faults)));
    }
  }

  /**
   * What is known of a tensor of the ensemble.
   *
   * @param origin who says so
   */
  private record Known(String origin, DataType datatype, List<Long> shape) {}

  /** One check. Owned by one thread. */
  private final class Check {
    private final EnsembleGraph graph;
    private final List<ServedVersion> served;
    private final Map<Integer, Known> known = new HashMap<>();
    private final List<String> faults = new ArrayList<>();

    Check(EnsembleGraph graph, List<ServedVersion> served) {
      this.graph = graph;
      this.served = served;
    }

    void run() {
      for (int i = 0; i < graph.inputCount(); i++) {
        know(i, "input", shape.inputs().get(i).metadata());
      }
      for (int i = 0; i < shape.outputs().size(); i++) {
        know(graph.outputTensor(i), "output", shape.outputs().get(i).metadata());
      }
      Set<String> withState = new HashSet<>();
      for (EnsembleGraph.Step step : graph.steps()) {
        ServedVersion model = served.get(step.index());
        checkBatching(step, model);
        checkWires(step, "input_map", step.inputs(), model.inputs());
        checkWires(step, "output_map", step.outputs(), model.outputs());
        checkOptional(step, model);
        if (model.config().hasSequenceBatching() && !withState.add(model.name())) {
          faults.add(
              "%s: keeps the state of sequences, and an earlier step is of that model too"
                      .formatted(step.label())
                  + " (expected: a model for each such step, since both would have one state)");
        }
      }
      DecoupledSteps.check(graph, served, config, isLimited, faults);
    }

    private void checkBatching(EnsembleGraph.Step step, ServedVersion model) {
      int own = config.getMaxBatchSize();
      int its = model.config().getMaxBatchSize();
      if (its < own) {
        faults.add(
            "%s: max_batch_size %d (expected: at least the ensemble's, which is %d)"
                .formatted(step.label(), its, own));
      }
    }

    private void checkWires(
        EnsembleGraph.Step step,
        String map,
        List<EnsembleGraph.Wire> wires,
        List<TensorMetadata> tensors) {
      Map<String, TensorMetadata> byName = new HashMap<>();
      tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
      for (EnsembleGraph.Wire wire : wires) {
        TensorMetadata tensor = byName.get(wire.name());
        if (tensor == null) {
          faults.add(
              "%s: %s: model '%s' has no '%s' (nearest: '%s')"
                  .formatted(
                      step.label(),
                      map,
                      step.model().name(),
                      wire.name(),
                      NearestName.of(wire.name(), byName.keySet())));
        } else {
          know(wire.tensor(), "%s '%s'".formatted(step.label(), wire.name()), tensor);
        }
      }
    }

    /** Compares with whatever was known of the tensor before. */
    private void know(int tensor, String origin, TensorMetadata metadata) {
      Known now = new Known(origin, metadata.datatype(), metadata.shape());
      Known before = known.putIfAbsent(tensor, now);
      if (before == null) {
        return;
      }
      if (before.datatype != now.datatype) {
        faults.add(
            "tensor '%s': %s as %s, %s as %s (expected: one datatype)"
                .formatted(
                    graph.tensors().get(tensor),
                    before.datatype,
                    before.origin,
                    now.datatype,
                    now.origin));
      }
      if (!isCompatible(before.shape, now.shape)) {
        faults.add(
            "tensor '%s': shape %s as %s, %s as %s (expected: the same, -1 for any)"
                .formatted(
                    graph.tensors().get(tensor),
                    before.shape,
                    before.origin,
                    now.shape,
                    now.origin));
      }
    }

    private static boolean isCompatible(List<Long> one, List<Long> other) {
      if (one.size() != other.size()) {
        return false;
      }
      for (int i = 0; i < one.size(); i++) {
        boolean isAny = one.get(i) == TensorMetadata.ANY || other.get(i) == TensorMetadata.ANY;
        if (!isAny && !one.get(i).equals(other.get(i))) {
          return false;
        }
      }
      return true;
    }

    /** What the model must have is there, whatever optional inputs a request leaves out. */
    private void checkOptional(EnsembleGraph.Step step, ServedVersion model) {
      Map<String, Integer> mapped = new HashMap<>();
      step.inputs().forEach(wire -> mapped.put(wire.name(), wire.tensor()));
      for (ModelInput input : model.config().getInputList()) {
        Integer tensor = mapped.get(input.getName());
        if (input.getOptional()) {
          continue;
        }
        if (tensor == null) {
          faults.add(
              "%s: input_map has no '%s', which model '%s' must have"
                  .formatted(step.label(), input.getName(), step.model().name()));
        } else if (!graph.isProduced(tensor) && shape.inputs().get(tensor).isOptional()) {
          faults.add(
              "%s: input '%s' must be there, but the ensemble's '%s' is optional"
                  .formatted(step.label(), input.getName(), graph.tensors().get(tensor)));
        }
      }
    }
  }
}
