package org.etalon.engine.repository;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/** Runs a batch on an instance that no scheduler has yet. */
final class InstanceRun {
  private InstanceRun() {}

  /**
   * @param rows 1 for a model that does not batch
   * @param inputs off the heap, in the order of the configuration
   * @param reader reads the outputs, which are gone when it returns
   * @throws ServingException INTERNAL if the instance provides less than all outputs
   */
  static void of(
      ModelConfig config,
      ModelInstance instance,
      int rows,
      List<Tensor> inputs,
      OutputMemory.Pool pool,
      Consumer<Batch> reader) {
    List<String> names = config.getOutputList().stream().map(ModelOutput::getName).toList();
    boolean[] isRequested = new boolean[names.size()];
    Arrays.fill(isRequested, true);
    OutputMemory memory = pool.open();
    try {
      Batch batch = new Batch(rows, inputs, names, isRequested, memory);
      instance.execute(batch);
      for (int i = 0; i < names.size(); i++) {
        if (batch.output(i) == null) {
          throw new ServingException(
              ErrorCode.INTERNAL,
              "the backend did not provide output '%s' (expected: every output asked for)"
                  .formatted(names.get(i)));
        }
      }
      reader.accept(batch);
    } finally {
      memory.release();
    }
  }
}
