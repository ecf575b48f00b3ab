package org.etalon.protocol.json;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.Shape;
import org.etalon.inference.TensorMetadata;

/**
 * How the elements of one JSON value are nested, and so which shape they have. Owned by one thread.
 */
final class Nesting {
  private static final int MAX_DEPTH = JsonFormat.MAX_DEPTH;
  private static final long UNKNOWN = -1;

  /** By depth, outermost first: members so far of the array open there. */
  private final long[] counts = new long[MAX_DEPTH + 1];

  /** By depth: members of the first array that was closed there. */
  private final long[] extents = new long[MAX_DEPTH + 1];

  private int open;
  private int depth;
  private long elements;

  Nesting() {
    Arrays.fill(extents, UNKNOWN);
  }

  void open() {
    if (open > 0) {
      counts[open - 1]++;
    }
    counts[open++] = 0;
    if (elements == 0) {
      depth = Math.max(depth, open);
    }
  }

  /** Ends an array; false if one of its neighbours has another length. */
  boolean close() {
    open--;
    if (extents[open] == UNKNOWN) {
      extents[open] = counts[open];
    }
    return extents[open] == counts[open];
  }

  /** Counts an element; false if it stands beside an array. */
  boolean element() {
    elements++;
    if (open > 0) {
      counts[open - 1]++;
    }
    return open == depth;
  }

  boolean isComplete() {
    return open == 0;
  }

  long elementCount() {
    return elements;
  }

  int depth() {
    return depth;
  }

  /**
   * The shape of the elements for an input that is described so: the arrays' own where they are
   * nested as deep as the input (but perhaps for the batch, which is 1 then); else the innermost
   * free dimension takes all elements, and the others are 1. Empty if neither fits.
   */
  Optional<Shape> shape(List<Long> described, boolean isBatching) {
    if (depth > 1 || depth == described.size()) {
      return nested(described, isBatching);
    }
    long[] dims = described.stream().mapToLong(Long::longValue).toArray();
    long left = elements;
    for (long dim : dims) {
      if (dim == 0 || (dim > 0 && left % dim != 0)) {
        return Optional.empty();
      }
      left = dim > 0 ? left / dim : left;
    }
    for (int i = dims.length - 1; i >= 0; i--) {
      if (dims[i] == TensorMetadata.ANY) {
        dims[i] = left;
        left = 1;
      }
    }
    return left == 1 ? Optional.of(Shape.of(dims)) : Optional.empty();
  }

  private Optional<Shape> nested(List<Long> described, boolean isBatching) {
    boolean isRow = isBatching && depth == described.size() - 1;
    if (!isRow && depth != described.size()) {
      return Optional.empty();
    }
    long[] dims = new long[described.size()];
    int first = isRow ? 1 : 0;
    Arrays.fill(dims, 0, first, 1);
    for (int i = first; i < dims.length; i++) {
      dims[i] = Math.max(0, extents[i - first]);
      if (described.get(i) != TensorMetadata.ANY && described.get(i) != dims[i]) {
        return Optional.empty();
      }
    }
    return Optional.of(Shape.of(dims));
  }
}
