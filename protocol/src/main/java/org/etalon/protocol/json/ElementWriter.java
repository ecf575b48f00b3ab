package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import tools.jackson.core.JsonGenerator;

/** Writes a tensor's elements as a flat JSON array, straight from the tensor's memory. */
final class ElementWriter {
  private static final int LENGTH_BYTES = 4;

  private ElementWriter() {}

  /**
   * @throws ServingException INVALID_ARGUMENT for an element that JSON cannot express, with the
   *     remedy: to ask for the output in binary
   */
  static void write(JsonGenerator json, Tensor tensor) {
    json.writeStartArray();
    writeElements(json, tensor);
    json.writeEndArray();
  }

  /** The same without the array around the elements. */
  static void writeElements(JsonGenerator json, Tensor tensor) {
    MemorySegment data = tensor.data();
    switch (tensor.datatype()) {
      case FP32 -> writeFloats(json, tensor);
      case FP64 -> writeDoubles(json, tensor);
      case BYTES -> writeTexts(json, tensor);
      case FP16, BF16 -> throw unwritable(tensor, tensor.datatype() + " has no JSON form");
      case BOOL -> {
        for (long i = 0; i < data.byteSize(); i++) {
          json.writeBoolean(data.get(ValueLayout.JAVA_BYTE, i) != 0);
        }
      }
      case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32 -> {
        int step = tensor.datatype().elementBytes();
        for (long at = 0; at < data.byteSize(); at += step) {
          json.writeNumber(whole(tensor, at));
        }
      }
      case UINT64 -> {
        for (long at = 0; at < data.byteSize(); at += Long.BYTES) {
          json.writeNumber(Long.toUnsignedString(data.get(Tensor.LONG, at)));
        }
      }
    }
  }

  private static long whole(Tensor tensor, long at) {
    MemorySegment data = tensor.data();
    return switch (tensor.datatype()) {
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, at);
      case INT16 -> data.get(Tensor.SHORT, at);
      case INT32 -> data.get(Tensor.INT, at);
      case INT64 -> data.get(Tensor.LONG, at);
      case UINT8 -> Byte.toUnsignedLong(data.get(ValueLayout.JAVA_BYTE, at));
      case UINT16 -> Short.toUnsignedLong(data.get(Tensor.SHORT, at));
      case UINT32 -> Integer.toUnsignedLong(data.get(Tensor.INT, at));
      case BOOL, UINT64, FP16, BF16, FP32, FP64, BYTES ->
          throw new IllegalStateException(tensor.datatype() + " does not fit a signed long");
    };
  }

  private static void writeFloats(JsonGenerator json, Tensor tensor) {
    MemorySegment data = tensor.data();
    for (long at = 0; at < data.byteSize(); at += Float.BYTES) {
      float value = data.get(Tensor.FLOAT, at);
      if (!Float.isFinite(value)) {
        throw unwritable(tensor, notFinite(value, at / Float.BYTES));
      }
      json.writeNumber(value);
    }
  }

  private static void writeDoubles(JsonGenerator json, Tensor tensor) {
    MemorySegment data = tensor.data();
    for (long at = 0; at < data.byteSize(); at += Double.BYTES) {
      double value = data.get(Tensor.DOUBLE, at);
      if (!Double.isFinite(value)) {
        throw unwritable(tensor, notFinite(value, at / Double.BYTES));
      }
      json.writeNumber(value);
    }
  }

  private static String notFinite(double value, long index) {
    return "element %d is %s, which has no JSON form".formatted(index, value);
  }

  private static void writeTexts(JsonGenerator json, Tensor tensor) {
    MemorySegment data = tensor.data();
    try {
      for (long at = 0; at < data.byteSize(); ) {
        long end = BytesElements.skip(data, at, 1);
        ByteBuffer element =
            data.asSlice(at + LENGTH_BYTES, end - at - LENGTH_BYTES).asByteBuffer();
        json.writeString(StandardCharsets.UTF_8.newDecoder().decode(element).toString());
        at = end;
      }
    } catch (CharacterCodingException e) {
      throw unwritable(tensor, "an element is not UTF-8, which JSON needs");
    }
  }

  private static ServingException unwritable(Tensor tensor, String why) {
    return ServingException.invalid(
        "output '%s': %s (expected: asked for with binary_data)".formatted(tensor.name(), why));
  }
}
