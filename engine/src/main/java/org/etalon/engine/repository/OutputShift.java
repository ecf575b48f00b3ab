package org.etalon.engine.repository;

import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;

/** How far the outputs of one version are from those of another. */
public final class OutputShift {
  private OutputShift() {}

  /**
   * The greatest distance of two values at one place; infinite where names, datatypes or shapes
   * differ, where one of two values is not a number, and where texts differ.
   */
  public static double of(List<Tensor> given, List<Tensor> expected) {
    if (given.size() != expected.size()) {
      return Double.POSITIVE_INFINITY;
    }
    double greatest = 0;
    for (Tensor output : given) {
      Tensor other =
          expected.stream()
              .filter(tensor -> tensor.name().equals(output.name()))
              .findFirst()
              .orElse(null);
      greatest = Math.max(greatest, other == null ? Double.POSITIVE_INFINITY : of(output, other));
    }
    return greatest;
  }

  private static double of(Tensor given, Tensor expected) {
    if (given.datatype() != expected.datatype() || !given.shape().equals(expected.shape())) {
      return Double.POSITIVE_INFINITY;
    }
    if (given.datatype() == DataType.BYTES) {
      return given.data().mismatch(expected.data()) < 0 ? 0 : Double.POSITIVE_INFINITY;
    }
    double greatest = 0;
    for (long i = 0; i < given.shape().elementCount(); i++) {
      double distance = NpyValues.distance(given, expected, i);
      greatest = Math.max(greatest, Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance);
    }
    return greatest;
  }
}
