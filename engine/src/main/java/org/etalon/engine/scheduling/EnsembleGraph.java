package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.etalon.inference.ModelId;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * The steps of an ensemble and the tensors between them, which go by their indexes: the inputs of
 * the ensemble first, in the order of its configuration. Immutable.
 */
final class EnsembleGraph {
  /** Answers of a decoupled step that may be on their way where the configuration says nothing. */
  private static final int DEFAULT_MAX_IN_FLIGHT = 64;

  /** What stands for the step that gives an input of the ensemble. */
  private static final int NO_STEP = -1;

  private final String name;
  private final int inputCount;
  private final int maxInFlight;
  private final List<String> tensors;
  private final int[] producers;
  private final int[] outputs;
  private final List<Step> steps;
  private final int[][] sources;

  /**
   * A node of the graph.
   *
   * @param model a fixed version of it, or the highest that is ready
   * @param inputs where its inputs come from
   * @param outputs where its outputs go
   */
  record Step(int index, ModelId model, List<Wire> inputs, List<Wire> outputs) {
    /** As messages and statistics name it: {@code step 0 (single)}. */
    String label() {
      return "step %d (%s)".formatted(index, model);
    }
  }

  /**
   * One end of an edge.
   *
   * @param name of the tensor in the step's model
   * @param tensor its index in the ensemble
   */
  record Wire(String name, int tensor) {}

  private EnsembleGraph(
      String name,
      int inputCount,
      int maxInFlight,
      List<String> tensors,
      int[] producers,
      int[] outputs,
      List<Step> steps) {
    this.name = name;
    this.inputCount = inputCount;
    this.maxInFlight = maxInFlight;
    this.tensors = List.copyOf(tensors);
    this.producers = producers;
    this.outputs = outputs;
    this.steps = List.copyOf(steps);
    this.sources = steps.stream().map(this::sourcesOf).toArray(int[][]::new);
  }

  private int[] sourcesOf(Step step) {
    return step.inputs().stream()
        .mapToInt(wire -> producers[wire.tensor])
        .filter(source -> source != NO_STEP)
        .distinct()
        .toArray();
  }

  /**
   * @param config that keeps the rules of ensembles
   */
  static EnsembleGraph of(ModelConfig config) {
    Map<String, Integer> indexes = new HashMap<>();
    List<String> tensors = new ArrayList<>();
    for (ModelInput input : config.getInputList()) {
      indexOf(input.getName(), indexes, tensors);
    }
    int inputCount = tensors.size();
    List<ModelEnsembling.Step> written = config.getEnsembleScheduling().getStepList();
    List<List<Wire>> taken = new ArrayList<>();
    List<List<Wire>> given = new ArrayList<>();
    for (ModelEnsembling.Step step : written) {
      taken.add(wires(step.getInputMapMap(), indexes, tensors));
      given.add(wires(step.getOutputMapMap(), indexes, tensors));
    }
    int[] producers = new int[tensors.size()];
    Arrays.fill(producers, NO_STEP);
    for (int step = 0; step < written.size(); step++) {
      for (Wire output : given.get(step)) {
        producers[output.tensor] = step;
      }
    }
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < written.size(); i++) {
      steps.add(new Step(i, model(written.get(i)), taken.get(i), given.get(i)));
    }
    int[] outputs =
        config.getOutputList().stream()
            .map(ModelOutput::getName)
            .mapToInt(output -> indexOf(output, indexes, tensors))
            .toArray();
    return new EnsembleGraph(
        config.getName(), inputCount, maxInFlight(config), tensors, producers, outputs, steps);
  }

  private static int maxInFlight(ModelConfig config) {
    long given = Integer.toUnsignedLong(config.getEnsembleScheduling().getMaxInflightRequests());
    return given == 0 ? DEFAULT_MAX_IN_FLIGHT : (int) Math.min(Integer.MAX_VALUE, given);
  }

  private static int indexOf(String name, Map<String, Integer> indexes, List<String> tensors) {
    Integer known = indexes.get(name);
    if (known != null) {
      return known;
    }
    indexes.put(name, tensors.size());
    tensors.add(name);
    return tensors.size() - 1;
  }

  /** In the order of the names: a map of the protocol has none. */
  private static List<Wire> wires(
      Map<String, String> map, Map<String, Integer> indexes, List<String> tensors) {
    List<Wire> wires = new ArrayList<>();
    new TreeMap<>(map)
        .forEach((name, tensor) -> wires.add(new Wire(name, indexOf(tensor, indexes, tensors))));
    return List.copyOf(wires);
  }

  private static ModelId model(ModelEnsembling.Step step) {
    return new ModelId(
        step.getModelName(),
        step.getModelVersion() > 0
            ? OptionalLong.of(step.getModelVersion())
            : OptionalLong.empty());
  }

  String name() {
    return name;
  }

  /** How many tensors the ensemble takes; they have the first indexes. */
  int inputCount() {
    return inputCount;
  }

  /** How many answers of one decoupled step may be on their way to an answer of the ensemble. */
  int maxInFlight() {
    return maxInFlight;
  }

  List<String> tensors() {
    return tensors;
  }

  List<Step> steps() {
    return steps;
  }

  /** The steps that give a step's inputs, each once; not to be changed. */
  int[] sources(int step) {
    return sources[step];
  }

  /** The tensor that the output of that index in the configuration is. */
  int outputTensor(int output) {
    return outputs[output];
  }

  /** True if a step gives that tensor, and not whoever asks. */
  boolean isProduced(int tensor) {
    return producers[tensor] != NO_STEP;
  }

  /** The step that gives a tensor which is {@linkplain #isProduced produced}. */
  int producer(int tensor) {
    return producers[tensor];
  }

  /** Behind how many decoupled steps each step is. */
  int[] levels(boolean[] isDecoupled) {
    int[] levels = new int[steps.size()];
    for (int step = 0; step < levels.length; step++) {
      boolean[] before = new boolean[levels.length];
      need(step, before);
      for (int other = 0; other < levels.length; other++) {
        levels[step] += other != step && before[other] && isDecoupled[other] ? 1 : 0;
      }
    }
    return levels;
  }

  /** The steps that some outputs cannot do without. */
  boolean[] needed(IntStream wanted) {
    boolean[] needed = new boolean[steps.size()];
    wanted.filter(this::isProduced).map(this::producer).forEach(step -> need(step, needed));
    return needed;
  }

  /** Marks a step and all that it cannot do without. */
  void need(int step, boolean[] needed) {
    if (!needed[step]) {
      needed[step] = true;
      for (int source : sources[step]) {
        need(source, needed);
      }
    }
  }
}
