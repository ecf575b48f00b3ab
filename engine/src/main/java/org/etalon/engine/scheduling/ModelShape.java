package org.etalon.engine.scheduling;

import java.util.List;
import org.etalon.protocol.proto.ModelConfig;

/**
 * What a model takes and gives.
 *
 * @param maxBatchSize the most rows of one request; 0: the model does not batch
 */
record ModelShape(int maxBatchSize, List<TensorSpec> inputs, List<TensorSpec> outputs) {
  static ModelShape of(ModelConfig config) {
    return new ModelShape(
        config.getMaxBatchSize(), TensorSpec.inputs(config), TensorSpec.outputs(config));
  }

  boolean isBatching() {
    return maxBatchSize > 0;
  }
}
