package org.etalon.protocol.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferTensorContents;
import org.etalon.protocol.proto.ModelInferResponse.InferOutputTensor;

/** What a response says of one output, read field by field. Owned by one thread. */
final class DecodedOutput {
  /** Far above any model's, and small enough that a shape costs a hostile sender its own bytes. */
  private static final int MAX_RANK = 64;

  private String name = "";
  private String datatype = "";
  private long[] dims = new long[4];
  private int rank;
  private InferTensorContents contents = InferTensorContents.getDefaultInstance();

  private DecodedOutput() {}

  /**
   * Reads an {@code InferOutputTensor} up to the input's limit.
   *
   * @throws IllegalArgumentException if a field is not of its type, or the rank exceeds 64
   */
  static DecodedOutput read(CodedInputStream in) throws IOException {
    DecodedOutput output = new DecodedOutput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      output.readField(in, tag);
    }
    return output;
  }

  private void readField(CodedInputStream in, int tag) throws IOException {
    switch (tag >>> 3) {
      case InferOutputTensor.NAME_FIELD_NUMBER -> name = InferResponseDecoder.text(in, tag);
      case InferOutputTensor.DATATYPE_FIELD_NUMBER -> datatype = InferResponseDecoder.text(in, tag);
      case InferOutputTensor.SHAPE_FIELD_NUMBER -> readShape(in, tag);
      case InferOutputTensor.CONTENTS_FIELD_NUMBER -> {
        int outer = InferResponseDecoder.enter(in, tag);
        contents = InferTensorContents.parseFrom(in);
        in.popLimit(outer);
      }
      default -> InferResponseDecoder.skip(in, tag);
    }
  }

  /** Extents come packed into one field, or one a field. */
  private void readShape(CodedInputStream in, int tag) throws IOException {
    if ((tag & 7) == WireFormat.WIRETYPE_VARINT) {
      addDim(in.readInt64());
      return;
    }
    int outer = InferResponseDecoder.enter(in, tag);
    while (!in.isAtEnd()) {
      addDim(in.readInt64());
    }
    in.popLimit(outer);
  }

  private void addDim(long dim) {
    if (rank == MAX_RANK) {
      throw new IllegalArgumentException(
          "output '%s': more than %d dimensions".formatted(name, MAX_RANK));
    }
    if (rank == dims.length) {
      dims = Arrays.copyOf(dims, 2 * rank);
    }
    dims[rank++] = dim;
  }

  /** The tensor with its elements in {@code data}, which it borrows. */
  Tensor over(MemorySegment data) {
    Tensor tensor = new Tensor(name, type(), shape(), data);
    if (tensor.datatype() == DataType.BYTES) {
      long count = BytesElements.count(data);
      if (count != tensor.shape().elementCount()) {
        throw new IllegalArgumentException(
            "output '%s': %d elements (expected: %d for BYTES %s)"
                .formatted(name, count, tensor.shape().elementCount(), tensor.shape()));
      }
    }
    return tensor;
  }

  /** The tensor with its elements copied from typed {@code contents}. */
  Tensor typed() {
    return over(TypedContents.toMemory(type(), contents));
  }

  private DataType type() {
    return DataType.named(datatype)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "output '%s': unknown datatype '%s'".formatted(name, datatype)));
  }

  private Shape shape() {
    return Shape.of(Arrays.copyOf(dims, rank));
  }
}
