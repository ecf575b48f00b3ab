package org.etalon.inference;

import java.util.List;

/**
 * What a model says of one of its tensors.
 *
 * @param shape the extents, -1 where any will do (as the protocol writes it); for a model that
 *     batches, the first is the batch
 */
public record TensorMetadata(String name, DataType datatype, List<Long> shape) {
  /** The extent that fits any number. */
  public static final long ANY = -1;

  public TensorMetadata {
    shape = List.copyOf(shape);
  }

  /** True if a tensor of this shape is one of those described. */
  public boolean accepts(Shape given) {
    if (given.rank() != shape.size()) {
      return false;
    }
    for (int i = 0; i < shape.size(); i++) {
      if (shape.get(i) != ANY && shape.get(i) != given.dim(i)) {
        return false;
      }
    }
    return true;
  }
}
