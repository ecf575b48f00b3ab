package org.etalon.protocol.wire;

import com.google.protobuf.ByteString;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.InferTensorContents;

/** Elements in the protocol's typed form, which widens the small integer types to 32 bits. */
final class TypedContents {
  private TypedContents() {}

  /**
   * The elements as they lie in a tensor, on the heap.
   *
   * @throws IllegalArgumentException for FP16 and BF16, which have no typed form
   */
  static MemorySegment toMemory(DataType type, InferTensorContents contents) {
    return switch (type) {
      case BOOL -> booleans(contents);
      case INT8, INT16, INT32 -> integers(type, contents.getIntContentsCount(), contents, true);
      case UINT8, UINT16, UINT32 ->
          integers(type, contents.getUintContentsCount(), contents, false);
      case INT64 -> longs(contents, true);
      case UINT64 -> longs(contents, false);
      case FP32 -> floats(contents);
      case FP64 -> doubles(contents);
      case BYTES ->
          BytesElements.encode(
              contents.getBytesContentsList().stream().map(ByteString::toByteArray).toList());
      case FP16, BF16 ->
          throw new IllegalArgumentException(
              "datatype %s without raw_output_contents: it has no other form".formatted(type));
    };
  }

  private static MemorySegment memory(DataType type, int count) {
    return MemorySegment.ofArray(new byte[Math.multiplyExact(count, type.elementBytes())]);
  }

  private static MemorySegment booleans(InferTensorContents contents) {
    MemorySegment data = memory(DataType.BOOL, contents.getBoolContentsCount());
    for (int i = 0; i < contents.getBoolContentsCount(); i++) {
      data.set(ValueLayout.JAVA_BYTE, i, (byte) (contents.getBoolContents(i) ? 1 : 0));
    }
    return data;
  }

  private static MemorySegment integers(
      DataType type, int count, InferTensorContents contents, boolean isSigned) {
    MemorySegment data = memory(type, count);
    for (int i = 0; i < count; i++) {
      int value = isSigned ? contents.getIntContents(i) : contents.getUintContents(i);
      switch (type.elementBytes()) {
        case 1 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) value);
        case 2 -> data.set(Tensor.SHORT, 2L * i, (short) value);
        default -> data.set(Tensor.INT, 4L * i, value);
      }
    }
    return data;
  }

  private static MemorySegment longs(InferTensorContents contents, boolean isSigned) {
    int count = isSigned ? contents.getInt64ContentsCount() : contents.getUint64ContentsCount();
    MemorySegment data = memory(DataType.INT64, count);
    for (int i = 0; i < count; i++) {
      data.set(
          Tensor.LONG,
          8L * i,
          isSigned ? contents.getInt64Contents(i) : contents.getUint64Contents(i));
    }
    return data;
  }

  private static MemorySegment floats(InferTensorContents contents) {
    MemorySegment data = memory(DataType.FP32, contents.getFp32ContentsCount());
    for (int i = 0; i < contents.getFp32ContentsCount(); i++) {
      data.set(Tensor.FLOAT, 4L * i, contents.getFp32Contents(i));
    }
    return data;
  }

  private static MemorySegment doubles(InferTensorContents contents) {
    MemorySegment data = memory(DataType.FP64, contents.getFp64ContentsCount());
    for (int i = 0; i < contents.getFp64ContentsCount(); i++) {
      data.set(Tensor.DOUBLE, 8L * i, contents.getFp64Contents(i));
    }
    return data;
  }
}
