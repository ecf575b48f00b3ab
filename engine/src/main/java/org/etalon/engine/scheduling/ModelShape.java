package org.etalon.engine.scheduling;

import java.util.List;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/**
 * What a model takes and gives.
 *
 * @param maxBatchSize the most rows of one request; 0: the model does not batch
 * @param outputs that requests may ask for
 * @param outputNames of a batch: those outputs and the states behind them
 */
record ModelShape(
    int maxBatchSize, List<TensorSpec> inputs, List<TensorSpec> outputs, List<String> outputNames) {
  static ModelShape of(ModelConfig config) {
    return new ModelShape(
        config.getMaxBatchSize(),
        TensorSpec.inputs(config),
        TensorSpec.outputs(config),
        BatchOutputs.of(config).stream().map(ModelOutput::getName).toList());
  }

  boolean isBatching() {
    return maxBatchSize > 0;
  }
}
