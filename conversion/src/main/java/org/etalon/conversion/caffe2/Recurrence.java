package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.etalon.conversion.onnx.Attribute;
import org.etalon.conversion.onnx.ElementType;
import org.etalon.conversion.onnx.OnnxTensor;

/**
 * Recurrent networks: {@code RecurrentNetwork}, which runs a net once a time step, and the units
 * that it is made of ({@code lstm_unit_op.h}, {@code gru_unit_op.h}).
 */
final class Recurrence {
  private Recurrence() {}

  static void network(Step step) throws IOException {
    new RecurrentLoop(step).translate();
  }

  /** Inputs: hidden state, cell state, gates in the order i, f, o, g, lengths if any, time. */
  static void lstm(Step step) throws IOException {
    int rank = step.rank(2);
    List<String> gates = gates(step, 2, 4);
    String bias = step.scalar(step.real("forget_bias", 0));
    String input = step.node("Sigmoid", List.of(gates.get(0)));
    String forget = step.node("Sigmoid", List.of(step.node("Add", List.of(gates.get(1), bias))));
    String output = step.node("Sigmoid", List.of(gates.get(2)));
    String change = step.node("Tanh", List.of(gates.get(3)));
    String kept = step.node("Mul", List.of(forget, step.in(1)));
    String cell = step.node("Add", List.of(kept, step.node("Mul", List.of(input, change))));
    String hidden = step.node("Mul", List.of(output, step.node("Tanh", List.of(cell))));
    String hiddenOrOld = whileRunning(step, 3, hidden, step.in(0));
    String cellOrOld = whileRunning(step, 3, cell, step.in(1));
    step.out(0, hiddenOrOld, ElementType.FP32, rank);
    step.out(1, cellOrOld, ElementType.FP32, rank);
  }

  /** Inputs: hidden state, gates of which the last two are update and output, lengths, time. */
  static void gru(Step step) throws IOException {
    List<String> gates = gates(step, 1, 3);
    String update = step.node("Sigmoid", List.of(gates.get(1)));
    String output = step.node("Tanh", List.of(gates.get(2)));
    String rest = step.node("Sub", List.of(step.scalar(1), update));
    String kept = step.node("Mul", List.of(step.in(0), update));
    String hidden = step.node("Add", List.of(kept, step.node("Mul", List.of(output, rest))));
    step.out(0, whileRunning(step, 2, hidden, step.in(0)), ElementType.FP32, step.rank(1));
  }

  private static List<String> gates(Step step, int input, int count) throws IOException {
    List<String> gates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      gates.add(step.fresh());
    }
    step.translation()
        .graph()
        .node(
            "Split",
            List.of(step.in(input)),
            gates,
            new Attribute.Whole("axis", step.rank(input) - 1));
    return gates;
  }

  /** A sequence that is over keeps its state, or with {@code drop_states} has zeros. */
  private static String whileRunning(Step step, int lengths, String fresh, String old)
      throws IOException {
    if (!step.isSet("sequence_lengths", true)) {
      return fresh;
    }
    Attribute whole = new Attribute.Whole("to", ElementType.INT32.number());
    String length = step.node("Cast", List.of(step.in(lengths)), whole);
    String isRunning = step.node("Less", List.of(step.in(lengths + 1), length));
    String column =
        step.node("Unsqueeze", List.of(isRunning), new Attribute.Wholes("axes", List.of(1L)));
    boolean isDropped = step.isSet("drop_states", false);
    String otherwise = isDropped ? step.constant(OnnxTensor.of(List.of(1L), new float[1])) : old;
    return step.node("Where", List.of(column, fresh, otherwise));
  }
}
