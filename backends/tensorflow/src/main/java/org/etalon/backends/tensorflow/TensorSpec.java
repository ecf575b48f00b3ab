package org.etalon.backends.tensorflow;

import java.util.List;
import java.util.Optional;
import org.etalon.inference.DataType;

/**
 * An input or output of a signature.
 *
 * @param name in the signature, as clients name it
 * @param operation in the graph
 * @param index which of the operation's results
 * @param dims all extents, with the batch; {@link #FREE} where any will do; empty if the file
 *     leaves the rank open
 */
record TensorSpec(
    String name, String operation, int index, DataType datatype, Optional<List<Long>> dims) {
  /** An extent that the file leaves open; the configuration writes it so too. */
  static final long FREE = -1;

  TensorSpec {
    dims = dims.map(List::copyOf);
  }

  boolean hasFreeFirst() {
    return dims.isPresent() && !dims.get().isEmpty() && dims.get().getFirst() == FREE;
  }
}
