package org.etalon.engine.repository;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.scheduling.SequenceTensors;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/** Runs a batch on an instance that no scheduler has yet. */
final class InstanceRun {
  private final List<String> names;
  private final SequenceTensors sequences;

  InstanceRun(ModelConfig config, SequenceTensors sequences) {
    this.names = BatchOutputs.of(config).stream().map(ModelOutput::getName).toList();
    this.sequences = sequences;
  }

  /**
   * @param rows 1 for a model that does not batch
   * @param inputs off the heap, in the order of the configuration
   * @param reader reads the outputs, which are gone when it returns
   * @throws ServingException INTERNAL if the instance provides less than all outputs
   */
  void of(
      ModelInstance instance,
      int rows,
      List<Tensor> inputs,
      OutputMemory.Pool pool,
      Consumer<Batch> reader) {
    boolean[] isRequested = new boolean[names.size()];
    Arrays.fill(isRequested, true);
    OutputMemory memory = pool.open();
    try {
      List<Tensor> all = new ArrayList<>(inputs);
      all.addAll(sequences.trial(rows, memory));
      Batch batch = new Batch(rows, all, names, isRequested, memory);
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
