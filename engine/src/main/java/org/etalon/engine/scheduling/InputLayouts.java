package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** How a model's inputs lie in a batch, and so which requests may share one. Immutable. */
final class InputLayouts {
  private final Layout[] layouts;
  private final boolean isBatching;

  /**
   * @param layouts in the order of the configuration
   */
  InputLayouts(List<Layout> layouts, boolean isBatching) {
    this.layouts = layouts.toArray(Layout[]::new);
    this.isBatching = isBatching;
  }

  Layout of(int input) {
    return layouts[input];
  }

  int count() {
    return layouts.length;
  }

  boolean isBatching() {
    return isBatching;
  }

  /** True if the inputs of two requests can stand in one batch. */
  boolean canShareBatch(@Nullable Tensor[] some, @Nullable Tensor[] others) {
    for (int i = 0; i < layouts.length; i++) {
      Tensor one = some[i];
      Tensor other = others[i];
      if (one == null || other == null) {
        if (one != null || other != null) {
          return false;
        }
      } else if (layouts[i] == Layout.Plain.ROWS) {
        if (!one.shape().hasSameRowsAs(other.shape())) {
          return false;
        }
      } else if (layouts[i] == Layout.Plain.SHAPE_VALUES && !isSameShape(one, other)) {
        return false;
      }
    }
    return true;
  }

  /** True if two shape tensors say the same but for the batch. */
  private boolean isSameShape(Tensor one, Tensor other) {
    long from = isBatching ? one.datatype().elementBytes() : 0;
    long bytes = one.data().byteSize();
    return bytes == other.data().byteSize()
        && (bytes <= from || one.data().asSlice(from).mismatch(other.data().asSlice(from)) < 0);
  }

  /** The value of a shape tensor that stands for the batch. */
  static long batchOf(Tensor shapeTensor) {
    return shapeTensor.datatype() == DataType.INT32
        ? shapeTensor.data().get(Tensor.INT, 0)
        : shapeTensor.data().get(Tensor.LONG, 0);
  }

  /** Writes the value of a shape tensor that stands for the batch. */
  static void setBatch(DataType datatype, MemorySegment data, long rows) {
    if (datatype == DataType.INT32) {
      data.set(Tensor.INT, 0, (int) rows);
    } else {
      data.set(Tensor.LONG, 0, rows);
    }
  }
}
