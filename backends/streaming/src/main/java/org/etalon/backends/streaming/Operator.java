package org.etalon.backends.streaming;

import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.DataType;

/** An operator on one stream, with the stream's state. Owned by one thread at a time. */
interface Operator {
  /** What it takes and gives, and how long it remembers. */
  Signature signature();

  /**
   * Takes an update.
   *
   * @param inputs those of the signature, in its order
   * @param isEnd true for the last update of the stream
   * @param batch takes the output, whose index is 0
   * @throws IllegalArgumentException if the update's sizes do not fit; the state is as before
   */
  void run(List<Tensor> inputs, boolean isEnd, Batch batch);

  /**
   * A tensor of an operator.
   *
   * @param dims with -1 where any number may stand
   */
  record TensorSpec(String name, DataType datatype, List<Long> dims) {}

  /**
   * @param memorySamples of input after which nothing of what came before is left in the state
   * @param alignmentSamples a state is a function of the recent input and of how many samples have
   *     come, modulo this number
   * @param latencySamples of output by which it lags behind the input
   * @param inputPerOutput samples of input for one of output
   */
  record Signature(
      List<TensorSpec> inputs,
      TensorSpec output,
      int memorySamples,
      int alignmentSamples,
      int latencySamples,
      int inputPerOutput) {}
}
