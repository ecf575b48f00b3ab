package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
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
  private final Optional<List<Long>> dims;
  private final boolean hasBatch;
  private final boolean isPinned;
  private final TensorCache cache;
  private final MemorySegment nativeName;
  private @Nullable Shape lastShape;

  /**
   * @param index among the configuration's outputs
   * @param dims as the configuration gives them inside the model, with the batch; empty where any
   *     will do
   * @param hasBatch true if the first of them is the batch
   */
  OutputSlot(
      int index,
      TensorSpec spec,
      Optional<List<Long>> dims,
      boolean hasBatch,
      TensorCache cache,
      MemorySegment nativeName) {
    this.index = index;
    this.spec = spec;
    this.dims = dims.map(List::copyOf);
    this.hasBatch = hasBatch;
    // Where the file gives no shape, a scalar may come where the configuration says [1].
    this.isPinned = spec.datatype() != DataType.BYTES && spec.hasShape() && isFixed();
    this.cache = cache;
    this.nativeName = nativeName;
  }

  /** True if the configuration leaves nothing open but the batch. */
  private boolean isFixed() {
    int first = hasBatch ? 1 : 0;
    return dims.isPresent()
        && !dims.get().subList(first, dims.get().size()).contains(TensorSpec.FREE);
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
    Shape shape = lastShape;
    if (shape == null || (hasBatch && shape.dim(0) != batch.rows())) {
      shape = fixedShape(batch.rows());
      lastShape = shape;
    }
    return cache.tensor(batch.allocate(index, spec.datatype(), shape), shape);
  }

  private Shape fixedShape(long rows) {
    Shape shape =
        Shape.of(dims.orElseThrow().stream().mapToLong(dim -> Math.max(0, dim)).toArray());
    return hasBatch ? shape.withFirst(rows) : shape;
  }

  /**
   * The shape to answer for an output that came in another.
   *
   * @throws ServingException INTERNAL if the configuration does not allow the shape
   */
  Shape answered(Shape actual, long rows, ModelLabel label) {
    if (dims.isEmpty() || fits(actual, dims.get(), rows)) {
      return actual;
    }
    if (isFixed() && fixedShape(rows).elementCount() == actual.elementCount()) {
      return fixedShape(rows);
    }
    int first = hasBatch ? 1 : 0;
    throw new ServingException(
        ErrorCode.INTERNAL,
        "%s: output '%s' has shape %s (expected: dims %s%s, as the configuration says)"
            .formatted(
                label,
                spec.name(),
                actual,
                TensorSpec.text(dims.get().subList(first, dims.get().size())),
                hasBatch ? " behind a batch of " + rows : ""));
  }

  private boolean fits(Shape actual, List<Long> expected, long rows) {
    if (!spec.hasShape() && expected.isEmpty()) {
      return true; // neither file nor configuration says anything
    }
    if (actual.rank() != expected.size() || (hasBatch && actual.dim(0) != rows)) {
      return false;
    }
    for (int i = hasBatch ? 1 : 0; i < expected.size(); i++) {
      long dim = expected.get(i);
      if (dim != TensorSpec.FREE && dim != actual.dim(i)) {
        return false;
      }
    }
    return true;
  }

  void close() {
    cache.close();
  }
}
