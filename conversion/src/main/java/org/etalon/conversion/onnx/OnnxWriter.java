package org.etalon.conversion.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Serializes a graph as {@code ModelProto}, by the field numbers of {@code onnx.proto}. */
public final class OnnxWriter {
  private static final int IR_VERSION = 7;

  private OnnxWriter() {}

  /**
   * @param opset the version of the standard operators that the graph's nodes mean
   */
  public static byte[] write(OnnxGraph graph, int opset) {
    return message(model -> {
      model.writeInt64(1, IR_VERSION);
      model.writeString(2, "etalon");
      model.writeByteArray(7, graph(graph));
      model.writeByteArray(8, message(operators -> operators.writeInt64(2, opset)));
    });
  }

  private static byte[] graph(OnnxGraph graph) {
    return message(out -> {
      for (OnnxGraph.Node node : graph.nodes()) {
        out.writeByteArray(1, node(node));
      }
      out.writeString(2, graph.name());
      for (var constant : graph.constants().entrySet()) {
        out.writeByteArray(5, tensor(constant.getKey(), constant.getValue()));
      }
      for (OnnxGraph.Value input : graph.inputs()) {
        out.writeByteArray(11, value(input));
      }
      for (OnnxGraph.Value output : graph.outputs()) {
        out.writeByteArray(12, value(output));
      }
    });
  }

  private static byte[] node(OnnxGraph.Node node) {
    return message(out -> {
      for (String input : node.inputs()) {
        out.writeString(1, input);
      }
      for (String output : node.outputs()) {
        out.writeString(2, output);
      }
      out.writeString(4, node.type());
      for (Attribute attribute : node.attributes()) {
        out.writeByteArray(5, attribute(attribute));
      }
    });
  }

  /** Field 20 is the attribute's type. */
  private static byte[] attribute(Attribute attribute) {
    return message(out -> {
      out.writeString(1, attribute.name());
      switch (attribute) {
        case Attribute.Real real -> {
          out.writeFloat(2, real.value());
          out.writeEnum(20, 1);
        }
        case Attribute.Whole whole -> {
          out.writeInt64(3, whole.value());
          out.writeEnum(20, 2);
        }
        case Attribute.Text text -> {
          out.writeBytes(4, ByteString.copyFromUtf8(text.value()));
          out.writeEnum(20, 3);
        }
        case Attribute.Constant constant -> {
          out.writeByteArray(5, tensor("", constant.value()));
          out.writeEnum(20, 4);
        }
        case Attribute.Body body -> {
          out.writeByteArray(6, graph(body.graph()));
          out.writeEnum(20, 5);
        }
        case Attribute.Wholes wholes -> {
          for (long value : wholes.values()) {
            out.writeInt64(8, value);
          }
          out.writeEnum(20, 7);
        }
      }
    });
  }

  private static byte[] tensor(String name, OnnxTensor tensor) {
    return message(out -> {
      for (long dim : tensor.dims()) {
        out.writeInt64(1, dim);
      }
      out.writeInt32(2, tensor.type().number());
      if (!name.isEmpty()) {
        out.writeString(8, name);
      }
      out.writeBytes(9, tensor.data());
    });
  }

  private static byte[] value(OnnxGraph.Value value) {
    byte[] tensorType =
        message(out -> {
          out.writeInt32(1, value.type().number());
          List<Long> dims = value.dims();
          if (dims != null) {
            out.writeByteArray(2, shape(dims));
          }
        });
    return message(out -> {
      out.writeString(1, value.name());
      out.writeByteArray(2, message(type -> type.writeByteArray(1, tensorType)));
    });
  }

  private static byte[] shape(List<Long> dims) {
    return message(out -> {
      for (int i = 0; i < dims.size(); i++) {
        long dim = dims.get(i);
        String free = "dim" + i;
        out.writeByteArray(
            1,
            message(extent -> {
              if (dim == OnnxGraph.FREE) {
                extent.writeString(2, free);
              } else {
                extent.writeInt64(1, dim);
              }
            }));
      }
    });
  }

  private interface Body {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Body body) {
    var bytes = new java.io.ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      body.write(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
    return bytes.toByteArray();
  }
}
