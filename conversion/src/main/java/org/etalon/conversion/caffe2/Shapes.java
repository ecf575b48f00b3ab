package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;

/** Operators that move elements and change none. */
final class Shapes {
  private Shapes() {}

  /** No operation: the output is another name of the input. */
  static void same(Step step) throws IOException {
    step.bind(0, step.value(0));
  }

  static void concat(Step step) throws IOException {
    boolean isStacking = step.isSet("add_axis", false);
    int rank = step.rank(0) + (isStacking ? 1 : 0);
    int axis = channelAxis(step, rank);
    List<String> parts = step.from(0);
    Attribute axes = new Attribute.Wholes("axes", List.of((long) axis));
    if (isStacking) {
      parts = parts.stream().map(part -> step.node("Unsqueeze", List.of(part), axes)).toList();
    }
    if (step.hasOutput(1)) {
      extents(step, parts, axis);
    }
    step.out(step.node("Concat", parts, new Attribute.Whole("axis", axis)), rank);
  }

  /** The second output, {@code split_info}: the parts' extents along the axis. */
  private static void extents(Step step, List<String> parts, int axis) {
    List<String> extents = new ArrayList<>();
    String which = step.row((long) axis);
    for (String part : parts) {
      extents.add(step.node("Gather", List.of(step.node("Shape", List.of(part)), which)));
    }
    String all = step.node("Concat", extents, new Attribute.Whole("axis", 0));
    Attribute type = new Attribute.Whole("to", ElementType.INT32.number());
    step.out(1, step.node("Cast", List.of(all), type), ElementType.INT32, 1);
  }

  private static int channelAxis(Step step, int rank) throws IOException {
    return step.axis("axis", step.isChannelsLast() ? rank - 1 : 1, rank);
  }

  static void split(Step step) throws IOException {
    int rank = step.rank(0);
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(new Attribute.Whole("axis", channelAxis(step, rank)));
    List<Long> extents = step.inputs() > 1 ? step.wholesOf(1) : step.wholes("split");
    List<String> blobs = step.operator().outputs();
    if (!extents.isEmpty()) {
      if (extents.size() != blobs.size()) {
        throw step.refuse(
            "split: %s (expected: %d extents, one an output)".formatted(extents, blobs.size()));
      }
      attributes.add(new Attribute.Wholes("split", extents));
    }
    List<String> parts = blobs.stream().map(step.translation()::fresh).toList();
    ElementType type = step.type(0);
    step.translation()
        .graph()
        .node("Split", List.of(step.in(0)), parts, attributes.toArray(Attribute[]::new));
    for (int i = 0; i < parts.size(); i++) {
      step.out(i, parts.get(i), type, rank);
    }
  }

  /**
   * 0 keeps an extent, -1 stands for what is left, as in ONNX; the second output is the old shape.
   */
  static void reshape(Step step) throws IOException {
    List<Long> shape = step.inputs() > 1 ? step.wholesOf(1) : step.wholes("shape");
    if (shape.isEmpty()) {
      throw step.refuse("has no shape");
    }
    ElementType type = step.type(0);
    String input = step.in(0);
    if (step.hasOutput(1)) {
      step.out(1, step.node("Shape", List.of(input)), ElementType.INT64, 1);
    }
    String target = step.row(shape.toArray(Long[]::new));
    step.out(0, step.node("Reshape", List.of(input, target)), type, shape.size());
  }

  static void flatten(Step step) throws IOException {
    Attribute axis = new Attribute.Whole("axis", step.axis("axis", 1, step.rank(0)));
    step.out(step.node("Flatten", List.of(step.in(0)), axis), 2);
  }

  static void flattenToVector(Step step) throws IOException {
    step.out(step.node("Reshape", List.of(step.in(0), step.row(-1L))), 1);
  }

  static void transpose(Step step) throws IOException {
    List<Long> axes = step.wholes("axes");
    Attribute[] order =
        axes.isEmpty() ? new Attribute[0] : new Attribute[] {new Attribute.Wholes("perm", axes)};
    step.out(step.node("Transpose", List.of(step.in(0)), order), step.rank(0));
  }

  static void toChannelsLast(Step step) throws IOException {
    step.out(step.channelsLast(step.in(0), step.rank(0)), step.rank(0));
  }

  static void toChannelsFirst(Step step) throws IOException {
    step.out(step.channelsFirst(step.in(0), step.rank(0)), step.rank(0));
  }

  static void squeeze(Step step) throws IOException {
    List<Long> axes = step.wholes("dims");
    String result = step.node("Squeeze", List.of(step.in(0)), new Attribute.Wholes("axes", axes));
    step.out(result, step.rank(0) - axes.size());
  }

  static void expand(Step step) throws IOException {
    List<Long> axes = step.wholes("dims");
    String result = step.node("Unsqueeze", List.of(step.in(0)), new Attribute.Wholes("axes", axes));
    step.out(result, step.rank(0) + axes.size());
  }

  static void slice(Step step) throws IOException {
    List<Long> starts = step.inputs() > 1 ? step.wholesOf(1) : step.wholes("starts");
    List<Long> ends = step.inputs() > 2 ? step.wholesOf(2) : step.wholes("ends");
    int rank = step.rank(0);
    if (starts.size() != rank || ends.size() != rank) {
      throw step.refuse(
          "starts %s, ends %s (expected: %d each, one an axis)".formatted(starts, ends, rank));
    }
    String first = step.row(starts.stream().map(Shapes::boundary).toArray(Long[]::new));
    String last = step.row(ends.stream().map(Shapes::boundary).toArray(Long[]::new));
    step.out(step.node("Slice", List.of(step.in(0), first, last)), rank);
  }

  /** Caffe2 counts -1 as the extent itself, ONNX as the last element. */
  private static Long boundary(long caffe2) {
    if (caffe2 == -1) {
      return Long.MAX_VALUE;
    }
    return caffe2 < 0 ? caffe2 + 1 : caffe2;
  }

  static void gather(Step step) throws IOException {
    int rank = step.rank(0) + step.rank(1) - 1;
    Attribute axis = new Attribute.Whole("axis", step.axis("axis", 0, step.rank(0)));
    step.out(step.node("Gather", List.of(step.in(0), step.in(1)), axis), rank);
  }
}
