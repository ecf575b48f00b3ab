package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelSequenceBatching;

/** Reads the tensors of sequences out of a configuration that keeps the rules. */
public final class SequenceConfig {
  private SequenceConfig() {}

  /**
   * The tensors of a model's sequences; none for a model without.
   *
   * @param initialStates by the name of the state's input, without the batch dimension
   */
  public static SequenceTensors tensors(ModelConfig config, Map<String, Tensor> initialStates) {
    ModelSequenceBatching batching = config.getSequenceBatching();
    List<SequenceControl> controls = new ArrayList<>();
    for (var input : batching.getControlInputList()) {
      for (var control : input.getControlList()) {
        controls.add(control(input.getName(), control));
      }
    }
    List<SequenceState> states = new ArrayList<>();
    for (var state : batching.getStateList()) {
      Tensor initial = initialStates.get(state.getInputName());
      if (initial == null) {
        throw new IllegalArgumentException("no initial state for " + state.getInputName());
      }
      states.add(new SequenceState(state.getInputName(), state.getOutputName(), initial));
    }
    return new SequenceTensors(controls, states, config.getMaxBatchSize() > 0);
  }

  private static SequenceControl control(String name, ModelSequenceBatching.Control control) {
    SequenceControl.Kind kind =
        switch (control.getKind()) {
          case CONTROL_SEQUENCE_START -> SequenceControl.Kind.START;
          case CONTROL_SEQUENCE_READY -> SequenceControl.Kind.READY;
          case CONTROL_SEQUENCE_END -> SequenceControl.Kind.END;
          case CONTROL_SEQUENCE_CORRID -> SequenceControl.Kind.CORRELATION_ID;
          case UNRECOGNIZED ->
              throw new IllegalArgumentException("control of '" + name + "': unknown kind");
        };
    if (kind == SequenceControl.Kind.CORRELATION_ID) {
      return new SequenceControl(name, kind, ConfiguredDataType.of(control.getDataType()), 0, 0);
    }
    if (control.getInt32FalseTrueCount() == 2) {
      return new SequenceControl(
          name, kind, DataType.INT32, control.getInt32FalseTrue(0), control.getInt32FalseTrue(1));
    }
    if (control.getFp32FalseTrueCount() == 2) {
      return new SequenceControl(
          name, kind, DataType.FP32, control.getFp32FalseTrue(0), control.getFp32FalseTrue(1));
    }
    return new SequenceControl(
        name,
        kind,
        DataType.BOOL,
        control.getBoolFalseTrue(0) ? 1 : 0,
        control.getBoolFalseTrue(1) ? 1 : 0);
  }
}
