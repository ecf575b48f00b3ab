package org.etalon.backends.tensorflow;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * SavedModels of graphs without variables, written by the field numbers of {@code
 * saved_model.proto}, {@code meta_graph.proto}, {@code graph.proto} and {@code attr_value.proto}.
 */
final class GraphFile {
  static final int FLOAT = 1;
  static final int STRING = 7;
  static final int COMPLEX64 = 8;

  private final List<UnknownFieldSet> nodes = new ArrayList<>();
  private final Map<String, UnknownFieldSet> inputs = new LinkedHashMap<>();
  private final Map<String, UnknownFieldSet> outputs = new LinkedHashMap<>();

  /** A placeholder that is an input of the signature under the same name. */
  GraphFile input(String name, int type, long... dims) {
    UnknownFieldSet shape = shape(dims);
    node(name, "Placeholder", List.of(), Map.of("dtype", type(type), "shape", fields(7, shape)));
    inputs.put(name, tensor(name, type, shape));
    return this;
  }

  /** An operation whose first result is an output of the signature under the same name. */
  GraphFile output(
      String name, String operation, int type, long[] dims, String attribute, String... from) {
    node(name, operation, List.of(from), Map.of(attribute, type(type)));
    outputs.put(name, tensor(name, type, shape(dims)));
    return this;
  }

  byte[] bytes() {
    UnknownFieldSet.Builder graph = UnknownFieldSet.newBuilder();
    nodes.forEach(node -> graph.mergeField(1, bytes(node.toByteString())));
    UnknownFieldSet versions = fields(1, 1644); // producer
    graph.mergeField(4, bytes(versions.toByteString()));
    UnknownFieldSet signature =
        UnknownFieldSet.newBuilder()
            .mergeFrom(map(1, inputs))
            .mergeFrom(map(2, outputs))
            .mergeFrom(fields(3, "tensorflow/serving/predict"))
            .build();
    UnknownFieldSet metaGraph =
        UnknownFieldSet.newBuilder()
            .mergeFrom(fields(1, fields(4, "serve"))) // tags
            .mergeFrom(fields(2, graph.build()))
            .mergeFrom(map(5, Map.of("serving_default", signature)))
            .build();
    return UnknownFieldSet.newBuilder()
        .mergeFrom(fields(1, 1)) // schema version
        .mergeFrom(fields(2, metaGraph))
        .build()
        .toByteArray();
  }

  private void node(
      String name, String operation, List<String> from, Map<String, UnknownFieldSet> attributes) {
    UnknownFieldSet.Builder node = UnknownFieldSet.newBuilder();
    node.mergeFrom(fields(1, name)).mergeFrom(fields(2, operation));
    from.forEach(input -> node.mergeField(3, bytes(ByteString.copyFromUtf8(input))));
    nodes.add(node.mergeFrom(map(5, attributes)).build());
  }

  private static UnknownFieldSet tensor(String name, int type, UnknownFieldSet shape) {
    return UnknownFieldSet.newBuilder()
        .mergeFrom(fields(1, name + ":0"))
        .mergeFrom(fields(2, type))
        .mergeFrom(fields(3, shape))
        .build();
  }

  private static UnknownFieldSet shape(long... dims) {
    UnknownFieldSet.Builder shape = UnknownFieldSet.newBuilder();
    for (long dim : dims) {
      shape.mergeField(2, bytes(fields(1, dim).toByteString()));
    }
    return shape.build();
  }

  private static UnknownFieldSet type(int type) {
    return fields(6, type);
  }

  private static UnknownFieldSet map(int field, Map<String, UnknownFieldSet> entries) {
    UnknownFieldSet.Builder map = UnknownFieldSet.newBuilder();
    entries.forEach((key, value) -> {
      UnknownFieldSet entry =
          UnknownFieldSet.newBuilder()
              .mergeFrom(fields(1, key))
              .mergeFrom(fields(2, value))
              .build();
      map.mergeField(field, bytes(entry.toByteString()));
    });
    return map.build();
  }

  private static UnknownFieldSet fields(int field, long value) {
    return UnknownFieldSet.newBuilder()
        .addField(field, Field.newBuilder().addVarint(value).build())
        .build();
  }

  private static UnknownFieldSet fields(int field, String value) {
    return UnknownFieldSet.newBuilder()
        .addField(field, bytes(ByteString.copyFromUtf8(value)))
        .build();
  }

  private static UnknownFieldSet fields(int field, UnknownFieldSet value) {
    return UnknownFieldSet.newBuilder().addField(field, bytes(value.toByteString())).build();
  }

  private static Field bytes(ByteString value) {
    return Field.newBuilder().addLengthDelimited(value).build();
  }
}
