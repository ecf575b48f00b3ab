package org.etalon.engine.config;

import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.TensorMetadata;

/**
 * Rules of {@code reshape}, which are Triton's: as many free extents as {@code dims} has, and as
 * many elements before, between and behind them.
 */
final class ReshapeRules {
  private ReshapeRules() {}

  /**
   * @param path of the tensor, such as {@code input[0]}
   */
  static void check(String path, List<Long> dims, List<Long> shape, FaultList faults) {
    if (shape.stream().anyMatch(dim -> dim < 1 && dim != TensorMetadata.ANY)) {
      faults.add(path + ".reshape.shape", "%s (expected: each 1 or more, or -1)".formatted(shape));
      return;
    }
    List<Long> outside = products(dims);
    List<Long> inside = products(shape);
    if (outside.size() != inside.size()) {
      faults.add(
          path + ".reshape.shape",
          "%s has different number of variable-size dimensions for dims and reshape (expected: %d, as dims %s has)"
              .formatted(shape, outside.size() - 1, dims));
    } else if (!outside.equals(inside)) {
      faults.add(
          path + ".reshape.shape",
          "%s has different size for dims and reshape (expected: as many elements as dims %s, also between those that are -1)"
              .formatted(shape, dims));
    }
  }

  /** The numbers of elements before, between and behind the free extents. */
  private static List<Long> products(List<Long> dims) {
    List<Long> products = new ArrayList<>();
    long product = 1;
    for (long dim : dims) {
      if (dim == TensorMetadata.ANY) {
        products.add(product);
        product = 1;
      } else {
        product *= dim;
      }
    }
    products.add(product);
    return products;
  }
}
