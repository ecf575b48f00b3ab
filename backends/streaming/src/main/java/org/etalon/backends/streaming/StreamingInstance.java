package org.etalon.backends.streaming;

import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelSequenceBatching.Control;
import org.etalon.protocol.proto.ModelSequenceBatching.ControlInput;

/** One stream's operator. Owned by one thread at a time. */
final class StreamingInstance implements ModelInstance {
  private final String model;
  private final Operator operator;
  private final List<String> inputNames;
  private final String endName;

  StreamingInstance(String model, Operator operator, ModelConfig config) {
    this.model = model;
    this.operator = operator;
    this.inputNames = config.getInputList().stream().map(input -> input.getName()).toList();
    this.endName =
        config.getSequenceBatching().getControlInputList().stream()
            .filter(input -> input.getControl(0).getKind() == Control.Kind.CONTROL_SEQUENCE_END)
            .map(ControlInput::getName)
            .findFirst()
            .orElseThrow();
  }

  @Override
  public void execute(Batch batch) {
    List<Tensor> inputs = new ArrayList<>(inputNames.size());
    for (int i = 0; i < inputNames.size(); i++) {
      inputs.add(input(batch, inputNames.get(i)));
    }
    try {
      operator.run(inputs, isTrue(input(batch, endName)), batch);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid("model '%s': %s".formatted(model, e.getMessage()));
    }
  }

  private Tensor input(Batch batch, String name) {
    List<Tensor> inputs = batch.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).name().equals(name)) {
        return inputs.get(i);
      }
    }
    throw ServingException.invalid("model '%s': no input '%s'".formatted(model, name));
  }

  /** A control is of one element, in whichever datatype the configuration has chosen. */
  private static boolean isTrue(Tensor control) {
    for (long i = 0; i < control.data().byteSize(); i++) {
      if (control.data().get(java.lang.foreign.ValueLayout.JAVA_BYTE, i) != 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {}
}
