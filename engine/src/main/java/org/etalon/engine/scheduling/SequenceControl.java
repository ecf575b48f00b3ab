package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;

/**
 * An input that tells a model where in its sequence a row stands.
 *
 * @param name the input's
 * @param datatype its datatype
 * @param ifFalse of a flag, what stands for false; 0 for a correlation id
 * @param ifTrue of a flag, what stands for true
 */
public record SequenceControl(
    String name, Kind kind, DataType datatype, double ifFalse, double ifTrue) {
  /** What is told. */
  public enum Kind {
    START,
    END,
    READY,
    CORRELATION_ID
  }

  void writeFlag(MemorySegment element, boolean is) {
    double value = is ? ifTrue : ifFalse;
    switch (datatype) {
      case FP32 -> element.set(Tensor.FLOAT, 0, (float) value);
      case INT32 -> element.set(Tensor.INT, 0, (int) value);
      default -> element.set(ValueLayout.JAVA_BYTE, 0, (byte) (value == 0 ? 0 : 1));
    }
  }

  /**
   * Numbers that the datatype cannot hold lose their upper bits, as the protocol's clients know.
   */
  void writeNumber(MemorySegment element, long value) {
    if (datatype.elementBytes() == Integer.BYTES) {
      element.set(Tensor.INT, 0, (int) value);
    } else {
      element.set(Tensor.LONG, 0, value);
    }
  }
}
