package org.etalon.backends.tensorflow;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.etalon.inference.DataType;

/** The inputs and outputs of a SavedModel's signature, each by name. */
record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
  ModelSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** Numbers of fields in {@code meta_graph.proto} and {@code tensor_shape.proto}. */
  private static final int SIGNATURES = 5;

  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int INPUTS = 1;
  private static final int OUTPUTS = 2;
  private static final int TENSOR_NAME = 1;
  private static final int TENSOR_TYPE = 2;
  private static final int TENSOR_SHAPE = 3;
  private static final int DIMENSIONS = 2;
  private static final int DIMENSION_SIZE = 1;
  private static final int RANK_IS_UNKNOWN = 3;

  /** A signature that initialises and is not run by clients. */
  private static final String INITIALISER = "__saved_model_init_op";

  /**
   * @param metaGraph a serialized {@code MetaGraphDef}
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT if there is no such signature,
   *     UNIMPLEMENTED if it has something that the protocol cannot carry
   */
  static ModelSignature read(ByteString metaGraph, String name, ModelLabel label) {
    try {
      SortedMap<String, ByteString> signatures = map(fields(metaGraph), SIGNATURES);
      signatures.remove(INITIALISER);
      ByteString signature = signatures.get(name);
      if (signature == null) {
        throw label.invalid(
            "there is no signature '%s' (expected: one of %s, by parameter %s)"
                .formatted(name, signatures.keySet(), TensorFlowSettings.SIGNATURE));
      }
      UnknownFieldSet fields = fields(signature);
      return new ModelSignature(
          specs(map(fields, INPUTS), "input", label), specs(map(fields, OUTPUTS), "output", label));
    } catch (InvalidProtocolBufferException e) {
      throw label.invalid("the signatures cannot be read: " + e.getMessage());
    }
  }

  private static List<TensorSpec> specs(
      SortedMap<String, ByteString> tensors, String kind, ModelLabel label)
      throws InvalidProtocolBufferException {
    List<TensorSpec> specs = new ArrayList<>();
    for (Map.Entry<String, ByteString> tensor : tensors.entrySet()) {
      UnknownFieldSet fields = fields(tensor.getValue());
      String name = text(fields, TENSOR_NAME);
      int number = (int) number(fields, TENSOR_TYPE);
      DataType datatype =
          ElementType.of(number)
              .orElseThrow(() ->
                  label.unsupported(
                      "%s '%s' has elements of TensorFlow's type %d, which the protocol cannot carry"
                          .formatted(kind, tensor.getKey(), number)));
      int colon = name.lastIndexOf(':');
      if (colon < 0) {
        throw label.unsupported(
            "%s '%s' is not a dense tensor (expected: dense tensors)"
                .formatted(kind, tensor.getKey()));
      }
      specs.add(
          new TensorSpec(
              tensor.getKey(),
              name.substring(0, colon),
              Integer.parseInt(name.substring(colon + 1)),
              datatype,
              dims(fields)));
    }
    return specs;
  }

  private static Optional<List<Long>> dims(UnknownFieldSet tensor)
      throws InvalidProtocolBufferException {
    List<ByteString> shapes = tensor.getField(TENSOR_SHAPE).getLengthDelimitedList();
    if (shapes.isEmpty()) {
      return Optional.empty();
    }
    UnknownFieldSet shape = fields(shapes.getLast());
    if (number(shape, RANK_IS_UNKNOWN) != 0) {
      return Optional.empty();
    }
    List<Long> dims = new ArrayList<>();
    for (ByteString dimension : shape.getField(DIMENSIONS).getLengthDelimitedList()) {
      dims.add(Math.max(TensorSpec.FREE, number(fields(dimension), DIMENSION_SIZE)));
    }
    return Optional.of(dims);
  }

  /** True if every input and output leaves its first extent open. */
  boolean canBatch() {
    return !inputs.isEmpty()
        && Stream.concat(inputs.stream(), outputs.stream()).allMatch(TensorSpec::hasFreeFirst);
  }

  private static UnknownFieldSet fields(ByteString message) throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(message);
  }

  private static SortedMap<String, ByteString> map(UnknownFieldSet message, int field)
      throws InvalidProtocolBufferException {
    SortedMap<String, ByteString> map = new TreeMap<>();
    for (ByteString entry : message.getField(field).getLengthDelimitedList()) {
      UnknownFieldSet pair = fields(entry);
      List<ByteString> value = pair.getField(VALUE).getLengthDelimitedList();
      map.put(text(pair, KEY), value.isEmpty() ? ByteString.EMPTY : value.getLast());
    }
    return map;
  }

  private static String text(UnknownFieldSet message, int field) {
    List<ByteString> values = message.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? "" : values.getLast().toStringUtf8();
  }

  private static long number(UnknownFieldSet message, int field) {
    List<Long> values = message.getField(field).getVarintList();
    return values.isEmpty() ? 0 : values.getLast();
  }
}
