package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;

/** Operators on single elements, and sums over axes. */
final class Arithmetic {
  private Arithmetic() {}

  /** The same operator in ONNX, of one input, whose real arguments have these defaults. */
  static Rule plain(String type, Attribute.Real... arguments) {
    return step -> {
      List<Attribute> attributes = new ArrayList<>();
      for (Attribute.Real argument : arguments) {
        attributes.add(
            new Attribute.Real(argument.name(), step.real(argument.name(), argument.value())));
      }
      step.out(
          step.node(type, List.of(step.in(0)), attributes.toArray(Attribute[]::new)), step.rank(0));
    };
  }

  /**
   * Two inputs, the second repeated along axes that it lacks: behind, or with {@code axis} before
   * and behind.
   */
  static Rule pair(String type) {
    return step -> {
      int rank = step.rank(0);
      int other = step.rank(1);
      String second = step.in(1);
      int behind = rank - other - firstAxis(step, rank, other);
      if (behind > 0) {
        List<Long> axes = LongStream.range(other, other + behind).boxed().toList();
        second = step.node("Unsqueeze", List.of(second), new Attribute.Wholes("axes", axes));
      }
      step.out(step.node(type, List.of(step.in(0), second)), Math.max(rank, other));
    };
  }

  private static int firstAxis(Step step, int rank, int other) throws IOException {
    long axis = step.whole("axis", -1);
    if (step.has("axis_str")) {
      axis = step.text("order", "NCHW").indexOf(step.text("axis_str", ""));
    }
    if (axis == -1) {
      return rank - other;
    }
    if (axis < 0 || axis + other > rank) {
      throw step.refuse(
          "axis: %d (expected: 0 to %d, for inputs of %d and %d dimensions)"
              .formatted(axis, rank - other, rank, other));
    }
    return Math.toIntExact(axis);
  }

  static Rule all(String type) {
    return step -> step.out(step.node(type, step.from(0)), step.maxRank());
  }

  static void square(Step step) throws IOException {
    step.out(step.node("Mul", List.of(step.in(0), step.in(0))), step.rank(0));
  }

  static void inverseRoot(Step step) throws IOException {
    String root = step.node("Sqrt", List.of(step.in(0)));
    step.out(step.node("Reciprocal", List.of(root)), step.rank(0));
  }

  static void swish(Step step) throws IOException {
    String gate = step.node("Sigmoid", List.of(step.in(0)));
    step.out(step.node("Mul", List.of(step.in(0), gate)), step.rank(0));
  }

  static void power(Step step) throws IOException {
    String exponent = step.inputs() > 1 ? step.in(1) : step.scalar(step.real("exponent", 1));
    step.out(step.node("Pow", List.of(step.in(0), exponent)), step.rank(0));
  }

  static void scale(Step step) throws IOException {
    String factor = step.scalar(step.real("scale", 1));
    step.out(step.node("Mul", List.of(step.in(0), factor)), step.rank(0));
  }

  static void clip(Step step) throws IOException {
    String least = step.has("min") ? step.scalar(step.real("min", 0)) : "";
    String most = step.has("max") ? step.scalar(step.real("max", 0)) : "";
    step.out(step.node("Clip", List.of(step.in(0), least, most)), step.rank(0));
  }

  static void cast(Step step) throws IOException {
    ElementType type = Fillers.type(step, "to");
    Attribute number = new Attribute.Whole("to", type.number());
    step.out(0, step.node("Cast", List.of(step.in(0)), number), type, step.rank(0));
  }

  /** Over {@code axes}, or all. */
  static Rule reduce(String type) {
    return step -> {
      int rank = step.rank(0);
      List<Long> axes = new ArrayList<>();
      for (long axis : step.wholes("axes")) {
        axes.add(axis < 0 ? axis + rank : axis);
      }
      reduce(step, type, axes.isEmpty() ? LongStream.range(0, rank).boxed().toList() : axes);
    };
  }

  /** Over the first or the last axes; the axes go. */
  static Rule reduceEnd(String type, boolean isFront) {
    return step -> {
      if (step.inputs() > 1) {
        throw step.refuse("has lengths as second input (expected: one input)");
      }
      int rank = step.rank(0);
      long count = step.whole("num_reduce_dim", 1);
      if (count < 1 || count > rank) {
        throw step.refuse("num_reduce_dim: %d (expected: 1 to %d)".formatted(count, rank));
      }
      long first = isFront ? 0 : rank - count;
      List<Long> axes = LongStream.range(first, first + count).boxed().toList();
      step.out(
          step.node(
              type,
              List.of(step.in(0)),
              new Attribute.Wholes("axes", axes),
              new Attribute.Whole("keepdims", 0)),
          Math.toIntExact(rank - count));
    };
  }

  private static void reduce(Step step, String type, List<Long> axes) throws IOException {
    int rank = step.rank(0);
    boolean isKept = step.isSet("keepdims", true);
    String result =
        step.node(
            type,
            List.of(step.in(0)),
            new Attribute.Wholes("axes", axes),
            new Attribute.Whole("keepdims", isKept ? 1 : 0));
    step.out(result, isKept ? rank : rank - axes.size());
  }
}
