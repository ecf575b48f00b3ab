package org.etalon.conversion.onnx;

import java.util.List;

/** An attribute of a node. Immutable. */
public sealed interface Attribute {
  String name();

  /** A real number. */
  record Real(String name, float value) implements Attribute {}

  /** A whole number. */
  record Whole(String name, long value) implements Attribute {}

  /** Whole numbers. */
  record Wholes(String name, List<Long> values) implements Attribute {
    public Wholes {
      values = List.copyOf(values);
    }
  }

  /** A word. */
  record Text(String name, String value) implements Attribute {}

  /** A tensor. */
  record Constant(String name, OnnxTensor value) implements Attribute {}

  /** A graph that an operation runs; it sees the tensors around it by name. */
  record Body(String name, OnnxGraph graph) implements Attribute {}
}
