package org.etalon.server.observation;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;
import org.etalon.inference.BytesElements;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/** A tensor's elements and shape as traces write them: in row-major order, between commas. */
final class TensorText {
  private TensorText() {}

  static String shape(Shape shape) {
    var text = new StringJoiner(",");
    shape.toList().forEach(dim -> text.add(Long.toString(dim)));
    return text.toString();
  }

  static String elements(Tensor tensor) {
    var text = new StringJoiner(",");
    MemorySegment data = tensor.data();
    long step = tensor.datatype().isFixedSize() ? tensor.datatype().elementBytes() : 0;
    for (long at = 0; at < data.byteSize(); ) {
      if (step > 0) {
        text.add(element(tensor, at));
        at += step;
      } else {
        long end = BytesElements.skip(data, at, 1);
        byte[] element =
            data.asSlice(at + Integer.BYTES, end - at - Integer.BYTES)
                .toArray(ValueLayout.JAVA_BYTE);
        text.add(new String(element, StandardCharsets.UTF_8));
        at = end;
      }
    }
    return text.toString();
  }

  private static String element(Tensor tensor, long at) {
    MemorySegment data = tensor.data();
    return switch (tensor.datatype()) {
      case BOOL, UINT8 -> Integer.toString(Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, at)));
      case INT8 -> Byte.toString(data.get(ValueLayout.JAVA_BYTE, at));
      case INT16 -> Short.toString(data.get(Tensor.SHORT, at));
      case UINT16 -> Integer.toString(Short.toUnsignedInt(data.get(Tensor.SHORT, at)));
      case INT32 -> Integer.toString(data.get(Tensor.INT, at));
      case UINT32 -> Integer.toUnsignedString(data.get(Tensor.INT, at));
      case INT64 -> Long.toString(data.get(Tensor.LONG, at));
      case UINT64 -> Long.toUnsignedString(data.get(Tensor.LONG, at));
      case FP16 -> Float.toString(Float.float16ToFloat(data.get(Tensor.SHORT, at)));
      case BF16 -> Float.toString(Float.intBitsToFloat(data.get(Tensor.SHORT, at) << Short.SIZE));
      case FP32 -> Float.toString(data.get(Tensor.FLOAT, at));
      case FP64 -> Double.toString(data.get(Tensor.DOUBLE, at));
      case BYTES -> "";
    };
  }
}
