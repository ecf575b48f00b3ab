package org.etalon.conversion.caffe2;

import java.util.List;
import java.util.Optional;

/**
 * What is read of {@code NetDef} in Caffe2's {@code caffe2.proto}. Immutable.
 *
 * @param inputs blobs that come from outside: weights and what requests bring
 * @param outputs blobs that are the result
 */
record NetDef(String name, List<Operator> operators, List<String> inputs, List<String> outputs) {
  NetDef {
    operators = List.copyOf(operators);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** {@code OperatorDef}. */
  record Operator(
      String type, String name, List<String> inputs, List<String> outputs, List<Argument> args) {
    Operator {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      args = List.copyOf(args);
    }

    Optional<Argument> argument(String wanted) {
      return args.stream().filter(argument -> argument.name().equals(wanted)).findFirst();
    }
  }

  /**
   * {@code Argument}: one value or a list, each of one kind.
   *
   * @param floats owned by the record, not modified
   */
  @SuppressWarnings("ArrayRecordComponent") // tens of millions of weights
  record Argument(
      String name,
      Optional<Float> real,
      Optional<Long> whole,
      Optional<String> text,
      float[] floats,
      long[] wholes,
      List<String> texts,
      Optional<NetDef> net) {
    Argument {
      texts = List.copyOf(texts);
    }
  }
}
