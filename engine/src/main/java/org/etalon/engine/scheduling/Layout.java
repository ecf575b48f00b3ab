package org.etalon.engine.scheduling;

/** How a tensor of several requests lies in their batch. Immutable. */
sealed interface Layout {
  /** The usual ones. */
  enum Plain implements Layout {
    /** Rows behind one another: all requests' rows have one shape. */
    ROWS,
    /** Elements behind one another, whatever shapes they come in: {@code [elements]}. */
    ELEMENTS,
    /**
     * Values that are a shape, the batch first for a model that batches. Requests can share a batch
     * if the other values are equal; the batch's is the sum of theirs.
     */
    SHAPE_VALUES
  }

  /**
   * Elements behind one another, of each request as many as its input of that index has.
   *
   * @param input index in the configuration
   */
  record LikeInput(int input) implements Layout {}
}
