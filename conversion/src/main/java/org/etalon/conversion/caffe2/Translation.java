package org.etalon.conversion.caffe2;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.etalon.conversion.caffe2.NetDef.Operator;
import org.etalon.conversion.onnx.OnnxGraph;
import org.etalon.conversion.onnx.OnnxTensor;
import org.jspecify.annotations.Nullable;

/**
 * A net on its way to a graph: operators are translated in the order of running, and each blob is
 * known by the value that it holds at the moment, because operators may overwrite blobs. Owned by
 * one thread.
 */
final class Translation {
  private final OnnxGraph graph;

  /** Holds the weights; the same as {@link #graph} unless this is a body. */
  private final OnnxGraph weights;

  private final Map<String, Value> values;
  private final Set<String> names;
  private final Set<String> written;

  private Translation(
      OnnxGraph graph,
      OnnxGraph weights,
      Map<String, Value> values,
      Set<String> names,
      Set<String> written) {
    this.graph = graph;
    this.weights = weights;
    this.values = values;
    this.names = names;
    this.written = written;
  }

  /**
   * @param reserved names that no tensor in between may take: those of inputs and outputs
   */
  static Translation of(OnnxGraph graph, Set<String> reserved) {
    return new Translation(graph, graph, new HashMap<>(), new HashSet<>(reserved), new HashSet<>());
  }

  /** Of a graph that runs within this one, and sees its values. */
  Translation body(OnnxGraph graph) {
    return new Translation(graph, weights, new HashMap<>(values), names, written);
  }

  void translate(Operator operator) throws IOException {
    Step step = new Step(this, operator);
    Rule rule = Rules.ALL.get(operator.type());
    if (rule == null) {
      throw step.refuse("is not known");
    }
    rule.translate(step);
  }

  OnnxGraph graph() {
    return graph;
  }

  /** What a blob holds, or null if nothing was written to it. */
  @Nullable Value value(String blob) {
    return values.get(blob);
  }

  void bind(String blob, Value value) {
    values.put(blob, value);
  }

  /** The name by which nodes read a value; brings its elements into the graph if they are known. */
  String read(Value value) {
    value.constant().ifPresent(constant -> constant(value.name(), constant));
    return value.name();
  }

  private void constant(String name, OnnxTensor tensor) {
    if (written.add(name)) {
      weights.constant(name, tensor);
    }
  }

  /** A name that nothing has yet. */
  String fresh(String wish) {
    String name = wish;
    for (int i = 1; !names.add(name); i++) {
      name = wish + "__" + i;
    }
    return name;
  }
}
