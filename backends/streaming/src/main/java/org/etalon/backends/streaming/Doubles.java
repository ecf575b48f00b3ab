package org.etalon.backends.streaming;

import java.lang.foreign.MemorySegment;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** Series of single or double precision, worked on in double precision. */
final class Doubles {
  private Doubles() {}

  /** Elements {@code from} to {@code from + count}. */
  static double[] read(Tensor tensor, long from, int count) {
    double[] values = new double[count];
    MemorySegment data = tensor.data();
    if (tensor.datatype() == DataType.FP64) {
      MemorySegment.copy(data, Tensor.DOUBLE, from * Double.BYTES, values, 0, count);
    } else {
      for (int i = 0; i < count; i++) {
        values[i] = data.getAtIndex(Tensor.FLOAT, from + i);
      }
    }
    return values;
  }

  /** Gives series of one length as the batch's output. */
  static void write(Batch batch, DataType datatype, Shape shape, double[][] series) {
    MemorySegment data = batch.allocate(0, datatype, shape);
    long at = 0;
    for (double[] values : series) {
      for (double value : values) {
        if (datatype == DataType.FP64) {
          data.setAtIndex(Tensor.DOUBLE, at++, value);
        } else {
          data.setAtIndex(Tensor.FLOAT, at++, (float) value);
        }
      }
    }
  }
}
