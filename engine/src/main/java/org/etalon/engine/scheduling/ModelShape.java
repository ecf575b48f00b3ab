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
 * @param layouts of the inputs
 * @param batchInputs that tell the model of the batch
 */
record ModelShape(
    int maxBatchSize,
    List<TensorSpec> inputs,
    List<TensorSpec> outputs,
    List<String> outputNames,
    InputLayouts layouts,
    BatchInputs batchInputs) {
  static ModelShape of(ModelConfig config) {
    List<TensorSpec> inputs = TensorSpec.inputs(config);
    boolean isBatching = config.getMaxBatchSize() > 0;
    return new ModelShape(
        config.getMaxBatchSize(),
        inputs,
        TensorSpec.outputs(config),
        BatchOutputs.of(config).stream().map(ModelOutput::getName).toList(),
        new InputLayouts(inputs.stream().map(TensorSpec::layout).toList(), isBatching),
        BatchInputs.of(config));
  }

  boolean isBatching() {
    return maxBatchSize > 0;
  }
}
