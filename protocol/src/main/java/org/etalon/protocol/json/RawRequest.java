package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;

/**
 * Reads a request that is nothing but the bytes of a model's only input: its name, datatype and
 * shape come from the model's configuration. Every output is wanted in binary.
 */
public final class RawRequest {
  private static final String TYPE_PREFIX = "TYPE_";

  private RawRequest() {}

  /**
   * @param config of the model, complete
   * @param body the input's elements, borrowed until the request is answered
   * @throws ServingException INVALID_ARGUMENT if the input cannot be deduced
   */
  public static DecodedRequest decode(ModelId model, ModelConfig config, MemorySegment body) {
    if (config.getInputCount() != 1) {
      throw ServingException.invalid(
          "Raw request must only have 1 input (found 1) to be deduced but got %d inputs in '%s' model configuration"
              .formatted(config.getInputCount(), config.getName()));
    }
    ModelInput input = config.getInput(0);
    DataType datatype = datatype(input);
    boolean isBatched = config.getMaxBatchSize() > 0;
    Tensor tensor =
        datatype == DataType.BYTES
            ? text(input, isBatched, body)
            : fixed(input, datatype, isBatched, body);
    return new DecodedRequest(InferenceRequest.of(model, tensor), BinaryOutputs.EVERY);
  }

  private static DataType datatype(ModelInput input) {
    String name = input.getDataType().name();
    return name.equals("TYPE_STRING")
        ? DataType.BYTES
        : DataType.named(name.substring(TYPE_PREFIX.length()))
            .orElseThrow(() -> invalid(input, "datatype " + name));
  }

  private static Tensor text(ModelInput input, boolean isBatched, MemorySegment body) {
    if (!input.getDimsList().equals(List.of(1L))) {
      throw ServingException.invalid(
          "For BYTE datatype raw input '%s', the model must have input shape [1]"
              .formatted(input.getName()));
    }
    MemorySegment element = BytesElements.encode(List.of(body.toArray(ValueLayout.JAVA_BYTE)));
    return new Tensor(
        input.getName(), DataType.BYTES, isBatched ? Shape.of(1, 1) : Shape.of(1), element);
  }

  private static Tensor fixed(
      ModelInput input, DataType datatype, boolean isBatched, MemorySegment body) {
    long[] dims = input.getDimsList().stream().mapToLong(Long::longValue).toArray();
    int variable = variableDimension(input, dims);
    long elements = body.byteSize() / datatype.elementBytes();
    if (variable >= 0) {
      dims[variable] = 1;
      long rest = Shape.of(dims).elementCount();
      dims[variable] = rest == 0 ? 0 : elements / rest;
    }
    Shape shape = Shape.of(dims);
    try {
      return new Tensor(input.getName(), datatype, isBatched ? shape.prepend(1) : shape, body);
    } catch (IllegalArgumentException e) {
      throw invalid(input, "does not fit the body: " + e.getMessage());
    }
  }

  /** The index of the dimension that takes any extent, or -1. */
  private static int variableDimension(ModelInput input, long[] dims) {
    int found = -1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < 0 && found >= 0) {
        throw ServingException.invalid(
            "The shape of the raw input '%s' can not be deduced because there are more than one variable-sized dimension"
                .formatted(input.getName()));
      }
      if (dims[i] < 0) {
        found = i;
      }
    }
    return found;
  }

  private static ServingException invalid(ModelInput input, String why) {
    return ServingException.invalid("raw input '%s': %s".formatted(input.getName(), why));
  }
}
