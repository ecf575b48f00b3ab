package org.etalon.engine.backend;

import java.util.ArrayList;
import java.util.List;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;
import org.etalon.protocol.proto.ModelSequenceBatching;

/** The outputs of a batch, whose indexes {@link Batch} goes by. */
public final class BatchOutputs {
  private BatchOutputs() {}

  /**
   * Those of the configuration, in its order, and behind them the states that the engine keeps for
   * sequences and that are not among them.
   */
  public static List<ModelOutput> of(ModelConfig config) {
    List<ModelOutput> outputs = new ArrayList<>(config.getOutputList());
    for (ModelSequenceBatching.State state : config.getSequenceBatching().getStateList()) {
      if (outputs.stream().noneMatch(output -> output.getName().equals(state.getOutputName()))) {
        outputs.add(
            ModelOutput.newBuilder()
                .setName(state.getOutputName())
                .setDataType(state.getDataType())
                .addAllDims(state.getDimsList())
                .build());
      }
    }
    return List.copyOf(outputs);
  }
}
