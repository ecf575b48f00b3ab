package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Where an instance leaves one output: in memory of the batch's if the shape is known before the
 * run, else wherever ONNX Runtime puts it. Owned by one thread.
 */
final class OutputSlot {
  private final int index;
  private final TensorSpec spec;
  private final List<Long> dims;
  private final boolean hasBatch;
  private final @Nullable Reshape reshape;
  private final boolean isPinned;
  private final TensorCache cache;
  private final MemorySegment nativeName;
  private @Nullable Shape lastOutside;
  private @Nullable Shape lastInside;

  /**
   * @param index among the configuration's outputs
   * @param dims of the configuration, without the batch
   */
  OutputSlot(
      int index,
      TensorSpec spec,
      List<Long> dims,
      boolean hasBatch,
      @Nullable Reshape reshape,
      TensorCache cache,
      MemorySegment nativeName) {
    this.index = index;
    this.spec = spec;
    this.dims = List.copyOf(dims);
    this.hasBatch = hasBatch;
    this.reshape = reshape;
    // Where the file gives no shape, a scalar may come where the configuration says [1].
    this.isPinned =
        spec.datatype() != DataType.BYTES && spec.hasShape() && !dims.contains(TensorSpec.FREE);
    this.cache = cache;
    this.nativeName = nativeName;
  }

  int index() {
    return index;
  }

  String name() {
    return spec.name();
  }

  DataType datatype() {
    return spec.datatype();
  }

  MemorySegment nativeName() {
    return nativeName;
  }

  /** True if {@link #pin} is to be called before the run. */
  boolean isPinned() {
    return isPinned;
  }

  /** A tensor over memory of the batch's. */
  MemorySegment pin(Batch batch) throws OrtException {
    Shape outside = lastOutside;
    Shape inside = lastInside;
    if (outside == null || inside == null || (hasBatch && outside.dim(0) != batch.rows())) {
      outside = fixedShape(batch.rows());
      inside = reshape == null ? outside : reshape.inside(outside);
      lastOutside = outside;
      lastInside = inside;
    }
    return cache.tensor(batch.allocate(index, spec.datatype(), outside), inside);
  }

  private Shape fixedShape(long rows) {
    Shape row = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    return hasBatch ? row.prepend(rows) : row;
  }

  /**
   * The shape to answer for an output that came in another, after {@code reshape}.
   *
   * @throws ServingException INTERNAL if the configuration does not allow the shape
   */
  Shape outsideShape(Shape actual, long rows, ModelLabel label) {
    if (fits(actual, rows)) {
      return actual;
    }
    boolean isFixed = !dims.contains(TensorSpec.FREE);
    if (isFixed && fixedShape(rows).elementCount() == actual.elementCount()) {
      return fixedShape(rows);
    }
    if (reshape != null) {
      Shape outside = new Reshape(dims, hasBatch).inside(actual);
      if (outside.elementCount() == actual.elementCount() && fits(outside, rows)) {
        return outside;
      }
    }
    throw new ServingException(
        ErrorCode.INTERNAL,
        "%s: output '%s' has shape %s (expected: dims %s%s, as the configuration says)"
            .formatted(
                label,
                spec.name(),
                actual,
                TensorSpec.text(dims),
                hasBatch ? " behind a batch of " + rows : ""));
  }

  private boolean fits(Shape actual, long rows) {
    int batchDims = hasBatch ? 1 : 0;
    if (!spec.hasShape() && !hasBatch && dims.isEmpty()) {
      return true; // neither file nor configuration says anything
    }
    if (actual.rank() != dims.size() + batchDims || (hasBatch && actual.dim(0) != rows)) {
      return false;
    }
    for (int i = 0; i < dims.size(); i++) {
      long dim = dims.get(i);
      if (dim != TensorSpec.FREE && dim != actual.dim(i + batchDims)) {
        return false;
      }
    }
    return true;
  }

  void close() {
    cache.close();
  }
}
