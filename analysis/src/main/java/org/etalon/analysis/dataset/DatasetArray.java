package org.etalon.analysis.dataset;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import org.etalon.inference.Shape;

/** An array in a file, read by rows. Owned by one thread. */
interface DatasetArray extends AutoCloseable {
  /** The item type by NumPy's name, such as {@code <f4}. */
  String dtype();

  /** At least one dimension; the first is the rows. */
  Shape shape();

  /**
   * Some rows, row-major and little-endian, valid until the array is closed.
   *
   * @throws IOException if they cannot be read
   */
  MemorySegment rows(long first, long count) throws IOException;

  @Override
  void close() throws IOException;
}
