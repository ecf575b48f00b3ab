package org.etalon.analysis.dataset;

import java.io.IOException;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.NpyDataTypes;

/**
 * What each row of an output is.
 *
 * @param name the output
 * @param rowShape without the rows' own dimension
 */
record RowLayout(String name, DataType datatype, Shape rowShape) {
  /**
   * The layout of an output of so many rows.
   *
   * @throws IOException if the output has not that many rows, or no file can hold its type
   */
  static RowLayout of(Tensor output, long rows) throws IOException {
    Shape shape = output.shape();
    if (shape.rank() == 0 || shape.dim(0) != rows) {
      throw new IOException(
          "output '%s' has shape %s for %d rows (expected: the rows as first dimension)"
              .formatted(output.name(), shape, rows));
    }
    if (NpyDataTypes.dtype(output.datatype()).isEmpty()) {
      throw new IOException(
          "output '%s' is %s, which NumPy has no fixed-size type for"
              .formatted(output.name(), output.datatype()));
    }
    return new RowLayout(output.name(), output.datatype(), shape.dropFirst());
  }

  long rowBytes() {
    return Tensor.byteSize(datatype, rowShape);
  }

  String dtype() {
    return NpyDataTypes.dtype(datatype).orElseThrow();
  }

  /** The shape of an array of so many rows. */
  long[] arrayShape(long rows) {
    return rowShape.prepend(rows).toArray();
  }
}
