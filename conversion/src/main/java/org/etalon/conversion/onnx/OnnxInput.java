package org.etalon.conversion.onnx;

import java.util.List;

/**
 * What requests bring.
 *
 * @param dims its extents, the batch among them; {@link OnnxGraph#FREE} where any will do
 */
public record OnnxInput(ElementType type, List<Long> dims) {
  public OnnxInput {
    dims = List.copyOf(dims);
    for (long dim : dims) {
      if (dim < 1 && dim != OnnxGraph.FREE) {
        throw new IllegalArgumentException(
            "dims: %s (expected: positive numbers, or -1 where any extent will do)"
                .formatted(dims));
      }
    }
  }

  /** Whether the first extent may be that of a batch. */
  public boolean isFirstFree() {
    return !dims.isEmpty() && dims.getFirst() == OnnxGraph.FREE;
  }

  /**
   * Reads {@code -1,3,224,224}, or with a type {@code INT32:-1}.
   *
   * @throws IllegalArgumentException if it says something else
   */
  public static OnnxInput parse(String text) {
    int colon = text.indexOf(':');
    try {
      ElementType type =
          colon < 0 ? ElementType.FP32 : ElementType.valueOf(text.substring(0, colon));
      List<Long> dims =
          java.util.Arrays.stream(text.substring(colon + 1).split(","))
              .map(dim -> Long.valueOf(dim.strip()))
              .toList();
      return new OnnxInput(type, dims);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' (expected: extents such as -1,3,224,224, or with a type of %s before a colon, such as INT32:-1)"
              .formatted(text, List.of(ElementType.values())),
          e);
    }
  }
}
