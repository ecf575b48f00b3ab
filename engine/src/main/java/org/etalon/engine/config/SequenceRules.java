package org.etalon.engine.config;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelSequenceBatching;
import org.etalon.protocol.proto.ModelSequenceBatching.Control;
import org.etalon.protocol.proto.ModelSequenceBatching.State;

/** Rules of sequences: their controls, states and strategy. */
final class SequenceRules {
  private static final String PATH = "sequence_batching.";
  private static final int BOTH = 2;

  private SequenceRules() {}

  static void check(ModelConfig config, FaultList faults) {
    if (!config.hasSequenceBatching()) {
      return;
    }
    ModelSequenceBatching batching = config.getSequenceBatching();
    checkControls(batching, faults);
    checkStates(batching, faults);
    checkStrategy(config, faults);
    checkNames(config, faults);
    if (config.getResponseCache().getEnable()) {
      faults.add("response_cache.enable", "true (expected: false where there are sequences)");
    }
  }

  private static void checkControls(ModelSequenceBatching batching, FaultList faults) {
    Map<Control.Kind, String> seen = new EnumMap<>(Control.Kind.class);
    for (int i = 0; i < batching.getControlInputCount(); i++) {
      var input = batching.getControlInput(i);
      String path = "%scontrol_input[%d]".formatted(PATH, i);
      if (input.getName().isEmpty()) {
        faults.add(path + ".name", "not given (expected: the input's name)");
      }
      if (input.getControlCount() != 1) {
        faults.add(
            path + ".control", "%d given (expected: one)".formatted(input.getControlCount()));
      }
      for (Control control : input.getControlList()) {
        String earlier = seen.putIfAbsent(control.getKind(), input.getName());
        if (earlier != null) {
          faults.add(
              path + ".control",
              "%s is told to '%s' too (expected: to one input)"
                  .formatted(control.getKind(), earlier));
        }
        checkControl(path + ".control[0]", control, faults);
      }
    }
  }

  private static void checkControl(String path, Control control, FaultList faults) {
    int ints = control.getInt32FalseTrueCount();
    int floats = control.getFp32FalseTrueCount();
    int bools = control.getBoolFalseTrueCount();
    if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
      boolean isId =
          switch (control.getDataType()) {
            case TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32, TYPE_STRING -> true;
            default -> false;
          };
      if (!isId) {
        faults.add(
            path + ".data_type",
            "%s (expected: TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 or TYPE_STRING)"
                .formatted(control.getDataType()));
      }
      if (ints + floats + bools > 0) {
        faults.add(path, "a correlation id has no false and true (expected: data_type alone)");
      }
      return;
    }
    boolean isOnePair =
        (ints == BOTH && floats + bools == 0)
            || (floats == BOTH && ints + bools == 0)
            || (bools == BOTH && ints + floats == 0);
    if (!isOnePair) {
      faults.add(
          path,
          "%s: %d int32, %d fp32, %d bool values (expected: two of one of int32_false_true, fp32_false_true, bool_false_true)"
              .formatted(control.getKind(), ints, floats, bools));
    }
    if (control.getDataType() != DataType.TYPE_INVALID) {
      faults.add(
          path + ".data_type",
          "%s (expected: none, the pair of values tells it)".formatted(control.getDataType()));
    }
  }

  private static void checkStates(ModelSequenceBatching batching, FaultList faults) {
    for (int i = 0; i < batching.getStateCount(); i++) {
      State state = batching.getState(i);
      String path = "%sstate[%d]".formatted(PATH, i);
      if (state.getInputName().isEmpty()) {
        faults.add(path + ".input_name", "not given (expected: the input that takes the state)");
      }
      if (state.getOutputName().isEmpty()) {
        faults.add(path + ".output_name", "not given (expected: the output that gives the state)");
      }
      if (state.getDataType() == DataType.TYPE_INVALID) {
        faults.add(path + ".data_type", "not given (expected: one such as TYPE_FP32)");
      }
      checkDims(path + ".dims", state.getDimsList(), true, faults);
      if (state.getInitialStateCount() > 1) {
        faults.add(
            path + ".initial_state",
            "%d given (expected: one at most)".formatted(state.getInitialStateCount()));
      }
      for (var initial : state.getInitialStateList()) {
        checkInitial(path + ".initial_state[0]", state, initial, faults);
      }
    }
  }

  private static void checkInitial(
      String path, State state, ModelSequenceBatching.InitialState initial, FaultList faults) {
    checkDims(path + ".dims", initial.getDimsList(), false, faults);
    boolean agrees = initial.getDimsCount() == state.getDimsCount();
    for (int i = 0; agrees && i < initial.getDimsCount(); i++) {
      agrees = state.getDims(i) == -1 || state.getDims(i) == initial.getDims(i);
    }
    if (!agrees) {
      faults.add(
          path + ".dims",
          "%s (expected: such as the state's, %s)"
              .formatted(initial.getDimsList(), state.getDimsList()));
    }
    if (initial.getDataType() != DataType.TYPE_INVALID
        && initial.getDataType() != state.getDataType()) {
      faults.add(
          path + ".data_type",
          "%s (expected: the state's, %s)".formatted(initial.getDataType(), state.getDataType()));
    }
    if (initial.getStateDataCase()
        == ModelSequenceBatching.InitialState.StateDataCase.STATEDATA_NOT_SET) {
      faults.add(path, "no data (expected: zero_data or data_file)");
    }
  }

  private static void checkDims(String path, List<Long> dims, boolean mayBeFree, FaultList faults) {
    if (dims.stream().anyMatch(dim -> dim < 1 && !(mayBeFree && dim == -1))) {
      faults.add(
          path, "%s (expected: each 1 or more%s)".formatted(dims, mayBeFree ? ", or -1" : ""));
    }
  }

  private static void checkStrategy(ModelConfig config, FaultList faults) {
    ModelSequenceBatching batching = config.getSequenceBatching();
    if (batching.hasOldest()) {
      var oldest = batching.getOldest();
      if (oldest.getMaxCandidateSequences() < 0) {
        faults.add(
            PATH + "oldest.max_candidate_sequences",
            oldest.getMaxCandidateSequences() + " (expected: 0 or more)");
      }
      int most = config.getMaxBatchSize();
      if (oldest.getPreferredBatchSizeList().stream().anyMatch(size -> size < 1 || size > most)) {
        faults.add(
            PATH + "oldest.preferred_batch_size",
            "%s (expected: each from 1 to max_batch_size, which is %d)"
                .formatted(oldest.getPreferredBatchSizeList(), most));
      }
    }
    float part = batching.getDirect().getMinimumSlotUtilization();
    if (!(part >= 0 && part <= 1)) {
      faults.add(
          PATH + "direct.minimum_slot_utilization", part + " (expected: a part, from 0 to 1)");
    }
    if (batching.getIterativeSequence()) {
      faults.add(
          PATH + "iterative_sequence", "not supported (expected: a model that does not use it)");
    }
  }

  /** No input of the model can come from two sides. */
  private static void checkNames(ModelConfig config, FaultList faults) {
    Map<String, String> owners = new HashMap<>();
    config.getInputList().forEach(input -> owners.put(input.getName(), "an input"));
    ModelSequenceBatching batching = config.getSequenceBatching();
    for (int i = 0; i < batching.getControlInputCount(); i++) {
      checkOwner(
          "%scontrol_input[%d].name".formatted(PATH, i),
          batching.getControlInput(i).getName(),
          "a control",
          owners,
          faults);
    }
    for (int i = 0; i < batching.getStateCount(); i++) {
      checkOwner(
          "%sstate[%d].input_name".formatted(PATH, i),
          batching.getState(i).getInputName(),
          "a state",
          owners,
          faults);
    }
  }

  private static void checkOwner(
      String path, String name, String what, Map<String, String> owners, FaultList faults) {
    String earlier = owners.putIfAbsent(name, what);
    if (earlier != null && !name.isEmpty()) {
      faults.add(path, "'%s' is %s too (expected: a name of its own)".formatted(name, earlier));
    }
  }
}
