package org.etalon.backends.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;

/**
 * Which name of the configuration is which argument and which result, by the conventions of
 * Triton's backend: {@code INPUT__0} counts the arguments of {@code forward}, or the names are
 * those of the arguments, or they stand in their order; {@code OUTPUT__0} counts the results, or
 * the names are keys of the dictionary that is returned, or they stand in the order of results.
 */
final class TensorNames {
  private static final Pattern NUMBERED = Pattern.compile(".+__(\\d+)");

  private TensorNames() {}

  /**
   * The position of each input among the arguments.
   *
   * @param faults where to add what is wrong
   */
  static Map<String, Integer> inputs(
      ModelConfig config, ForwardMethod forward, List<String> faults) {
    List<String> names = inputNames(config);
    List<String> arguments = forward.tensorNames();
    Map<String, Integer> positions = new LinkedHashMap<>();
    if (arguments.containsAll(names)) {
      names.forEach(name -> positions.put(name, arguments.indexOf(name)));
    } else if (names.stream().allMatch(name -> number(name).isPresent())) {
      names.forEach(name -> positions.put(name, number(name).orElseThrow()));
    } else {
      names.forEach(name -> positions.put(name, positions.size()));
    }
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < forward.arguments().size(); i++) {
      if (!positions.containsValue(i) && !forward.arguments().get(i).hasDefault()) {
        missing.add(forward.arguments().get(i).name());
      }
    }
    boolean isTooFar = positions.values().stream().anyMatch(at -> at >= arguments.size());
    if (!missing.isEmpty() || isTooFar || positions.size() < names.size()) {
      faults.add(
          "inputs %s do not fit %s (expected: %d, named INPUT__0 and so on or %s)"
              .formatted(names, forward, arguments.size(), String.join(", ", arguments)));
    }
    return positions;
  }

  /** Those of the configuration and those that the scheduler adds. */
  static List<String> inputNames(ModelConfig config) {
    List<String> names =
        new ArrayList<>(config.getInputList().stream().map(ModelInput::getName).toList());
    ModelSequenceBatching sequences = config.getSequenceBatching();
    sequences.getControlInputList().forEach(control -> names.add(control.getName()));
    for (ModelSequenceBatching.State state : sequences.getStateList()) {
      if (!names.contains(state.getInputName())) {
        names.add(state.getInputName());
      }
    }
    config.getBatchInputList().forEach(input -> names.addAll(input.getTargetNameList()));
    return names;
  }

  /** For each output of {@link BatchOutputs} its place among the results. */
  static List<Integer> outputs(ModelConfig config) {
    List<String> names = BatchOutputs.of(config).stream().map(ModelOutput::getName).toList();
    boolean isNumbered = names.stream().allMatch(name -> number(name).isPresent());
    List<Integer> places = new ArrayList<>();
    for (String name : names) {
      places.add(isNumbered ? number(name).orElseThrow() : places.size());
    }
    return places;
  }

  private static OptionalInt number(String name) {
    Matcher numbered = NUMBERED.matcher(name);
    return numbered.matches() && numbered.group(1).length() < 6
        ? OptionalInt.of(Integer.parseInt(numbered.group(1)))
        : OptionalInt.empty();
  }
}
