package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * A tensor that goes from one request of a sequence to the next.
 *
 * @param inputName where the model takes it
 * @param outputName where the model gives it
 * @param initial what the first request of a sequence meets, without the batch dimension
 */
public record SequenceState(String inputName, String outputName, Tensor initial) {
  DataType datatype() {
    return initial.datatype();
  }

  /** What stands in a row that nobody runs in. */
  Tensor blankLike(Tensor state) {
    Shape shape = state.shape();
    long bytes =
        state.datatype().isFixedSize()
            ? Tensor.byteSize(state.datatype(), shape)
            : Math.multiplyExact(shape.elementCount(), (long) Integer.BYTES);
    return new Tensor(
        inputName,
        state.datatype(),
        shape,
        MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]));
  }
}
