package org.etalon.analysis.dataset;

import java.util.TreeMap;

/** How many rows from the first on are written, when blocks are written in any order. */
final class BlockOrder {
  private final TreeMap<Long, Long> ahead = new TreeMap<>();
  private long contiguousRows;

  BlockOrder(long contiguousRows) {
    this.contiguousRows = contiguousRows;
  }

  void written(long firstRow, long rows) {
    ahead.put(firstRow, rows);
    for (var next = ahead.firstEntry();
        next != null && next.getKey() == contiguousRows;
        next = ahead.firstEntry()) {
      contiguousRows += next.getValue();
      ahead.pollFirstEntry();
    }
  }

  long contiguousRows() {
    return contiguousRows;
  }
}
