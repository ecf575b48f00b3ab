package org.etalon.analysis.dataset;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Tensor;

/**
 * Consecutive rows of all outputs on their way to the files, filled by responses in any order. Each
 * row is written by one thread; who takes the last batch may read them all.
 */
final class OutputBlock {
  private final long firstRow;
  private final int rowCount;
  private final List<RowLayout> layouts;
  private final List<MemorySegment> rows;
  private final AtomicInteger batchesMissing;

  OutputBlock(long firstRow, int rowCount, int batches, List<RowLayout> layouts) {
    this.firstRow = firstRow;
    this.rowCount = rowCount;
    this.layouts = layouts;
    this.rows =
        layouts.stream()
            .map(layout ->
                MemorySegment.ofArray(new byte[Math.toIntExact(rowCount * layout.rowBytes())]))
            .toList();
    this.batchesMissing = new AtomicInteger(batches);
  }

  long firstRow() {
    return firstRow;
  }

  int rowCount() {
    return rowCount;
  }

  /** The rows of the output of that index. */
  MemorySegment rows(int output) {
    return rows.get(output);
  }

  /**
   * Copies the rows of one batch.
   *
   * @return true if the block is complete
   * @throws IOException if an output is missing or differs from the first response's in type or
   *     shape
   */
  boolean put(long row, long rowCount, InferenceResponse response) throws IOException {
    for (int i = 0; i < layouts.size(); i++) {
      RowLayout layout = layouts.get(i);
      Tensor output = response.output(layout.name());
      RowLayout given = RowLayout.of(output, rowCount);
      if (!given.equals(layout)) {
        throw new IOException(
            "output '%s' is %s %s in rows %d to %d (expected: %s %s, as in the first rows)"
                .formatted(
                    layout.name(),
                    given.datatype(),
                    given.rowShape(),
                    row,
                    row + rowCount - 1,
                    layout.datatype(),
                    layout.rowShape()));
      }
      MemorySegment.copy(
          output.data(),
          0,
          rows.get(i),
          (row - firstRow) * layout.rowBytes(),
          output.data().byteSize());
    }
    return batchesMissing.decrementAndGet() == 0;
  }
}
