package org.etalon.engine.scheduling;

import java.util.Arrays;
import java.util.List;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;

/**
 * Gives the rows of a tensor another shape without touching their elements. Immutable.
 *
 * <p>The n-th free extent of the new shape is the n-th free one of the old, as in Triton.
 */
final class Reshape {
  private final long[] from;
  private final long[] to;
  private final boolean hasBatch;

  /**
   * @param from extents of a row, {@link TensorMetadata#ANY} where free
   * @param to as many free extents, and as many elements between them
   */
  Reshape(List<Long> from, List<Long> to, boolean hasBatch) {
    this.from = from.stream().mapToLong(Long::longValue).toArray();
    this.to = to.stream().mapToLong(Long::longValue).toArray();
    this.hasBatch = hasBatch;
  }

  /**
   * The tensor in the new shape, over the same memory.
   *
   * @throws ServingException INTERNAL if it is not in the old one
   */
  Tensor apply(Tensor tensor) {
    Shape shape = tensor.shape();
    int batchDims = hasBatch ? 1 : 0;
    if (!matches(shape, batchDims)) {
      throw new ServingException(
          ErrorCode.INTERNAL,
          "tensor '%s' has shape %s (expected: %s%s, as the configuration says)"
              .formatted(
                  tensor.name(),
                  shape,
                  Arrays.toString(from),
                  hasBatch ? " behind the batch" : ""));
    }
    long[] dims = new long[batchDims + to.length];
    if (hasBatch) {
      dims[0] = shape.dim(0);
    }
    int free = -1;
    for (int i = 0; i < to.length; i++) {
      if (to[i] == TensorMetadata.ANY) {
        free = nextFree(free);
        dims[batchDims + i] = shape.dim(batchDims + free);
      } else {
        dims[batchDims + i] = to[i];
      }
    }
    return new Tensor(tensor.name(), tensor.datatype(), Shape.of(dims), tensor.data());
  }

  private int nextFree(int after) {
    int next = after + 1;
    while (from[next] != TensorMetadata.ANY) {
      next++;
    }
    return next;
  }

  private boolean matches(Shape shape, int batchDims) {
    if (shape.rank() != from.length + batchDims) {
      return false;
    }
    for (int i = 0; i < from.length; i++) {
      if (from[i] != TensorMetadata.ANY && from[i] != shape.dim(batchDims + i)) {
        return false;
      }
    }
    return true;
  }
}
