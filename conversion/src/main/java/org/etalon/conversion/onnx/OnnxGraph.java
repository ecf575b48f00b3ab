package org.etalon.conversion.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A graph while it is put together, node by node in the order of running. Owned by one thread. */
public final class OnnxGraph {
  /** An extent that is not known before a run. */
  public static final long FREE = -1;

  private final String name;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, OnnxTensor> constants = new LinkedHashMap<>();
  private final List<Value> inputs = new ArrayList<>();
  private final List<Value> outputs = new ArrayList<>();

  /** An operation. */
  record Node(String type, List<String> inputs, List<String> outputs, List<Attribute> attributes) {
    Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      attributes = List.copyOf(attributes);
    }
  }

  /**
   * A tensor that enters or leaves.
   *
   * @param dims {@link #FREE} where any extent will do; null if not even their number is known
   */
  record Value(String name, ElementType type, @Nullable List<Long> dims) {}

  public OnnxGraph(String name) {
    this.name = name;
  }

  /** Adds an operation of the standard operators; an empty input name is an absent input. */
  public void node(
      String type, List<String> inputs, List<String> outputs, Attribute... attributes) {
    nodes.add(new Node(type, inputs, outputs, List.of(attributes)));
  }

  public void constant(String tensor, OnnxTensor value) {
    constants.put(tensor, value);
  }

  public void input(String tensor, ElementType type, List<Long> dims) {
    inputs.add(new Value(tensor, type, List.copyOf(dims)));
  }

  /** An input of a body, whose shape the reader infers. */
  public void input(String tensor, ElementType type) {
    inputs.add(new Value(tensor, type, null));
  }

  /** An output whose shape the reader infers. */
  public void output(String tensor, ElementType type) {
    outputs.add(new Value(tensor, type, null));
  }

  public boolean hasInput(String tensor) {
    return inputs.stream().anyMatch(input -> input.name().equals(tensor));
  }

  String name() {
    return name;
  }

  List<Node> nodes() {
    return nodes;
  }

  Map<String, OnnxTensor> constants() {
    return constants;
  }

  List<Value> inputs() {
    return inputs;
  }

  List<Value> outputs() {
    return outputs;
  }
}
