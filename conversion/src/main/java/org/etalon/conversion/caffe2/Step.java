package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.etalon.conversion.caffe2.NetDef.Argument;
import org.etalon.conversion.caffe2.NetDef.Operator;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxTensor;

/** One operator while it is translated: its arguments, its inputs, and what becomes of it. */
final class Step {
  private final Translation translation;
  private final Operator operator;

  Step(Translation translation, Operator operator) {
    this.translation = translation;
    this.operator = operator;
  }

  Translation translation() {
    return translation;
  }

  Operator operator() {
    return operator;
  }

  IOException refuse(String fault) {
    return new IOException(
        "operator %s (output %s): %s".formatted(operator.type(), operator.outputs(), fault));
  }

  // inputs

  int inputs() {
    return operator.inputs().size();
  }

  Value value(int input) throws IOException {
    if (input >= inputs()) {
      throw refuse("has %d inputs (expected: at least %d)".formatted(inputs(), input + 1));
    }
    String blob = operator.inputs().get(input);
    Value value = translation.value(blob);
    if (value == null) {
      throw refuse("reads blob '%s', which nothing has written".formatted(blob));
    }
    return value;
  }

  String in(int input) throws IOException {
    return translation.read(value(input));
  }

  /** All inputs, or those from {@code first} on. */
  List<String> from(int first) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = first; i < inputs(); i++) {
      names.add(in(i));
    }
    return names;
  }

  int rank(int input) throws IOException {
    return value(input).rank();
  }

  ElementType type(int input) throws IOException {
    return value(input).type();
  }

  int maxRank() throws IOException {
    int rank = 0;
    for (int i = 0; i < inputs(); i++) {
      rank = Math.max(rank, rank(i));
    }
    return rank;
  }

  /** The whole numbers of an input that must be known beforehand. */
  List<Long> wholesOf(int input) throws IOException {
    Value value = value(input);
    if (value.constant().isEmpty()
        || (value.type() != ElementType.INT32 && value.type() != ElementType.INT64)) {
      throw refuse(
          "blob '%s' is computed or not INT32 or INT64 (expected: whole numbers given by init_net)"
              .formatted(operator.inputs().get(input)));
    }
    return value.constant().get().wholes();
  }

  // arguments

  boolean has(String argument) {
    return operator.argument(argument).isPresent();
  }

  long whole(String argument, long otherwise) {
    return operator.argument(argument).flatMap(Argument::whole).orElse(otherwise);
  }

  boolean isSet(String argument, boolean otherwise) {
    return whole(argument, otherwise ? 1 : 0) != 0;
  }

  float real(String argument, float otherwise) {
    return operator.argument(argument).flatMap(Argument::real).orElse(otherwise);
  }

  String text(String argument, String otherwise) {
    return operator.argument(argument).flatMap(Argument::text).orElse(otherwise);
  }

  List<String> texts(String argument) {
    return operator.argument(argument).map(Argument::texts).orElse(List.of());
  }

  List<Long> wholes(String argument) {
    return operator
        .argument(argument)
        .map(found -> Arrays.stream(found.wholes()).boxed().toList())
        .orElse(List.of());
  }

  /**
   * An axis, counted from the front.
   *
   * @param rank how many there are
   */
  int axis(String argument, long otherwise, int rank) throws IOException {
    long axis = whole(argument, otherwise);
    if (axis < -rank || axis > rank) {
      throw refuse("%s: %d (expected: -%d to %d)".formatted(argument, axis, rank, rank));
    }
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  /** Whether images have their channels last. */
  boolean isChannelsLast() throws IOException {
    String order = text("order", "NCHW");
    return switch (order) {
      case "NCHW" -> false;
      case "NHWC" -> true;
      default -> throw refuse("order: '%s' (expected: NCHW, NHWC)".formatted(order));
    };
  }

  // what becomes of it

  /** Adds an operation, and returns the name of its only output. */
  String node(String type, List<String> inputs, Attribute... attributes) {
    String output = fresh();
    translation.graph().node(type, inputs, List.of(output), attributes);
    return output;
  }

  String fresh() {
    return translation.fresh(operator.outputs().isEmpty() ? "t" : operator.outputs().getFirst());
  }

  String constant(OnnxTensor tensor) {
    return translation.read(known(tensor));
  }

  /** A row of INT64. */
  String row(Long... values) {
    return constant(OnnxTensor.row(List.of(values)));
  }

  String scalar(float value) {
    return constant(OnnxTensor.of(List.of(), new float[] {value}));
  }

  private Value known(OnnxTensor tensor) {
    return new Value(fresh(), tensor.type(), tensor.dims().size(), Optional.of(tensor));
  }

  /** Says which tensor an output blob holds from here on. */
  void out(int output, String tensor, ElementType type, int rank) {
    if (output < operator.outputs().size()) {
      bind(output, Value.computed(tensor, type, rank));
    }
  }

  /** The only output, of the first input's type. */
  void out(String tensor, int rank) throws IOException {
    out(0, tensor, type(0), rank);
  }

  void outConstant(OnnxTensor tensor) {
    bind(0, known(tensor));
  }

  void bind(int output, Value value) {
    translation.bind(operator.outputs().get(output), value);
  }

  boolean hasOutput(int output) {
    return output < operator.outputs().size();
  }

  // images with their channels last

  /** With the channels as the second axis, as ONNX has them. */
  String channelsFirst(String tensor, int rank) {
    List<Long> order = new ArrayList<>(List.of(0L, rank - 1L));
    LongStream.range(1, rank - 1).forEach(order::add);
    return node("Transpose", List.of(tensor), new Attribute.Wholes("perm", order));
  }

  String channelsLast(String tensor, int rank) {
    List<Long> order = new ArrayList<>(List.of(0L));
    LongStream.range(2, rank).forEach(order::add);
    order.add(1L);
    return node("Transpose", List.of(tensor), new Attribute.Wholes("perm", order));
  }

  /** An image operation of ONNX on the first input, whichever order its axes have. */
  void image(String type, List<String> others, Attribute... attributes) throws IOException {
    int rank = rank(0);
    boolean isLast = isChannelsLast() && rank > 2;
    List<String> inputs = new ArrayList<>();
    inputs.add(isLast ? channelsFirst(in(0), rank) : in(0));
    inputs.addAll(others);
    String result = node(type, inputs, attributes);
    out(isLast ? channelsLast(result, rank) : result, rank);
  }
}
