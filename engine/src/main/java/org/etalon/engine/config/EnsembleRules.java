package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelEnsembling;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/** Rules of an ensemble's graph, as far as it tells without the models of its steps. */
final class EnsembleRules {
  /** What {@code platform} or {@code backend} of an ensemble says. */
  static final String ENSEMBLE = "ensemble";

  private static final String STEP = "ensemble_scheduling.step[%d]";
  private static final long LATEST = -1;

  /** More are a mistake; each may take stack where one step begins the next. */
  private static final int MAX_STEPS = 256;

  private final ModelConfig config;
  private final FaultList faults;
  private final List<ModelEnsembling.Step> steps;
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> outputs = new HashSet<>();

  /** The step that gives each tensor. */
  private final Map<String, Integer> producers = new HashMap<>();

  private EnsembleRules(ModelConfig config, FaultList faults) {
    this.config = config;
    this.faults = faults;
    this.steps = config.getEnsembleScheduling().getStepList();
    config.getInputList().stream().map(ModelInput::getName).forEach(inputs::add);
    config.getOutputList().stream().map(ModelOutput::getName).forEach(outputs::add);
  }

  static void check(ModelConfig config, FaultList faults) {
    boolean isNamed = config.getPlatform().equals(ENSEMBLE) || config.getBackend().equals(ENSEMBLE);
    if (config.hasEnsembleScheduling()) {
      new EnsembleRules(config, faults).check();
    } else if (isNamed) {
      faults.add("ensemble_scheduling", "not given (expected: the steps of the ensemble)");
    }
  }

  private void check() {
    checkKind();
    if (steps.isEmpty() || steps.size() > MAX_STEPS) {
      faults.add(
          "ensemble_scheduling.step", "%d (expected: 1 to %d)".formatted(steps.size(), MAX_STEPS));
      return;
    }
    for (int i = 0; i < steps.size(); i++) {
      checkStep(i, steps.get(i));
    }
    checkReads();
    checkOutputs();
    checkCycles();
  }

  private void checkKind() {
    checkName("platform", config.getPlatform());
    checkName("backend", config.getBackend());
    if (config.getInstanceGroupCount() > 0) {
      faults.add(
          "instance_group", "given for an ensemble (expected: none, its steps' models have them)");
    }
    for (String input : inputs) {
      if (outputs.contains(input)) {
        faults.add("output", "'%s' is an input too (expected: different names)".formatted(input));
      }
    }
  }

  private void checkName(String field, String name) {
    if (!name.isEmpty() && !name.equals(ENSEMBLE)) {
      faults.add(
          field, "'%s' beside ensemble_scheduling (expected: '%s')".formatted(name, ENSEMBLE));
    }
  }

  private void checkStep(int index, ModelEnsembling.Step step) {
    String path = STEP.formatted(index);
    if (step.getModelName().isEmpty()) {
      faults.add(path + ".model_name", "not given (expected: the model of the step)");
    } else if (step.getModelName().equals(config.getName())) {
      faults.add(path + ".model_name", "'%s' is this ensemble".formatted(step.getModelName()));
    }
    if (step.getModelVersion() < LATEST) {
      faults.add(
          path + ".model_version",
          "%d (expected: a version, or -1 for the highest that is ready)"
              .formatted(step.getModelVersion()));
    }
    if (!step.getModelNamespace().isEmpty()) {
      faults.add(path + ".model_namespace", "not supported yet (expected: none)");
    }
    if (step.getInputMapCount() == 0) {
      faults.add(path + ".input_map", "none (expected: where each input comes from)");
    }
    if (step.getOutputMapCount() == 0) {
      faults.add(path + ".output_map", "none (expected: where each output goes)");
    }
    new TreeMap<>(step.getOutputMapMap())
        .forEach((output, tensor) -> produce(index, path, output, tensor));
  }

  private void produce(int index, String path, String output, String tensor) {
    String place = "%s.output_map[\"%s\"]".formatted(path, output);
    if (inputs.contains(tensor)) {
      faults.add(
          place, "'%s' is an input of the ensemble (expected: another name)".formatted(tensor));
    }
    Integer earlier = producers.putIfAbsent(tensor, index);
    if (earlier != null) {
      faults.add(
          place,
          "'%s' is given by step %d too (expected: one step a tensor)".formatted(tensor, earlier));
    }
  }

  /** Every tensor that is read is given, and every one that is given is read. */
  private void checkReads() {
    Set<String> known = new HashSet<>(inputs);
    known.addAll(producers.keySet());
    Set<String> read = new HashSet<>(outputs);
    for (int i = 0; i < steps.size(); i++) {
      String path = STEP.formatted(i);
      new TreeMap<>(steps.get(i).getInputMapMap())
          .forEach((input, tensor) -> {
            read.add(tensor);
            if (!known.contains(tensor)) {
              faults.add(
                  "%s.input_map[\"%s\"]".formatted(path, input),
                  "'%s' is neither an input of the ensemble nor given by a step%s"
                      .formatted(tensor, nearest(tensor, known)));
            }
          });
    }
    for (int i = 0; i < config.getInputCount(); i++) {
      String input = config.getInput(i).getName();
      if (!read.contains(input)) {
        faults.add(
            "input[%d].name".formatted(i),
            "'%s' is not used by any step (expected: in an input_map)".formatted(input));
      }
    }
    producers.forEach((tensor, step) -> {
      if (!read.contains(tensor)) {
        faults.add(
            STEP.formatted(step) + ".output_map",
            "'%s' is used by no step and is no output (remedy: leave it out of the map)"
                .formatted(tensor));
      }
    });
  }

  private static String nearest(String tensor, Set<String> known) {
    return NearestName.close(tensor, known)
        .map(name -> " (nearest: '%s')".formatted(name))
        .orElse("");
  }

  private void checkOutputs() {
    for (int i = 0; i < config.getOutputCount(); i++) {
      String output = config.getOutput(i).getName();
      if (!producers.containsKey(output)) {
        faults.add(
            "output[%d].name".formatted(i),
            "'%s' is given by no step%s".formatted(output, nearest(output, producers.keySet())));
      }
    }
  }

  private void checkCycles() {
    Set<Integer> sound = new HashSet<>();
    for (int step = 0; step < steps.size(); step++) {
      if (!follow(step, new LinkedHashSet<>(), sound)) {
        return;
      }
    }
  }

  /**
   * @param way the steps that have led here, each needing the next
   * @param sound steps known to need none of themselves
   * @return false once a cycle is found and told
   */
  private boolean follow(int step, Set<Integer> way, Set<Integer> sound) {
    if (sound.contains(step)) {
      return true;
    }
    if (!way.add(step)) {
      List<Integer> cycle = new ArrayList<>(way);
      faults.add(
          STEP.formatted(step) + ".input_map",
          "steps %s need each other's outputs (expected: no cycle)"
              .formatted(cycle.subList(cycle.indexOf(step), cycle.size())));
      return false;
    }
    for (String tensor : steps.get(step).getInputMapMap().values()) {
      Integer source = producers.get(tensor);
      if (source != null && !follow(source, way, sound)) {
        return false;
      }
    }
    way.remove(step);
    sound.add(step);
    return true;
  }
}
