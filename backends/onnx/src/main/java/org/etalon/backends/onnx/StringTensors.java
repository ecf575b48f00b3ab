package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import ai.onnxruntime.OrtException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * Carries {@code BYTES} tensors over to ONNX Runtime's string tensors and back. Owned by one
 * thread.
 *
 * <p>A string of ONNX is UTF-8. Operators that look into strings rely on it, so anything else is
 * refused.
 */
final class StringTensors {
  private static final int LENGTH_BYTES = Integer.BYTES;
  private static final int ELEMENT_TYPE = ElementType.number(org.etalon.inference.DataType.BYTES);

  private final OrtApi api;
  private final ModelLabel label;
  private final NativeShape nativeShape;
  private final MemorySegment out;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer decoded = CharBuffer.allocate(1024);

  /**
   * @param out scratch of a pointer's size
   */
  StringTensors(OrtApi api, ModelLabel label, NativeShape nativeShape, MemorySegment out) {
    this.api = api;
    this.label = label;
    this.nativeShape = nativeShape;
    this.out = out;
  }

  /**
   * A string tensor with the elements of a {@code BYTES} one, to be released by the caller.
   *
   * @throws ServingException INVALID_ARGUMENT if there are not as many elements as the shape says,
   *     or one is not UTF-8
   */
  MemorySegment create(Tensor tensor) throws OrtException {
    Shape shape = tensor.shape();
    long count = count(tensor);
    if (count != shape.elementCount()) {
      throw label.invalid(
          "input '%s': %d elements (expected: %d for shape %s)"
              .formatted(tensor.name(), count, shape.elementCount(), shape));
    }
    api.createTensor(nativeShape.write(shape), shape.rank(), ELEMENT_TYPE, out);
    MemorySegment value = out.get(ADDRESS, 0);
    try {
      fill(value, tensor);
      return value;
    } catch (OrtException | RuntimeException e) {
      api.releaseValue(value);
      throw e;
    }
  }

  private long count(Tensor tensor) {
    try {
      return BytesElements.count(tensor.data());
    } catch (IllegalArgumentException e) {
      throw label.invalid("input '%s': %s".formatted(tensor.name(), e.getMessage()));
    }
  }

  private void fill(MemorySegment value, Tensor tensor) throws OrtException {
    MemorySegment data = tensor.data();
    long index = 0;
    for (long at = 0; at < data.byteSize(); index++) {
      long end = BytesElements.skip(data, at, 1);
      MemorySegment element = data.asSlice(at + LENGTH_BYTES, end - at - LENGTH_BYTES);
      if (!isUtf8(element)) {
        throw label.invalid(
            "input '%s': element %d is not UTF-8 (expected: UTF-8, as ONNX asks for; send raw bytes as UINT8)"
                .formatted(tensor.name(), index));
      }
      api.stringBuffer(value, index, element.byteSize(), out).copyFrom(element);
      at = end;
    }
  }

  private boolean isUtf8(MemorySegment element) {
    ByteBuffer bytes = element.asByteBuffer();
    decoder.reset();
    CoderResult result;
    do {
      decoded.clear();
      result = decoder.decode(bytes, decoded, true);
    } while (result.isOverflow());
    return !result.isError();
  }

  /** The elements of a string tensor as a {@code BYTES} one, on the heap. */
  MemorySegment read(MemorySegment value, long count) throws OrtException {
    if (count == 0) {
      return MemorySegment.ofArray(new byte[0]);
    }
    try (Arena arena = Arena.ofConfined()) {
      long bytes = api.stringBytes(value, out);
      MemorySegment content = arena.allocate(Math.max(1, bytes)).asSlice(0, bytes);
      MemorySegment offsets = arena.allocate(JAVA_LONG, count);
      api.stringContent(value, content, offsets);
      return encode(content, offsets, count);
    }
  }

  private static MemorySegment encode(MemorySegment content, MemorySegment offsets, long count) {
    long size = content.byteSize() + count * LENGTH_BYTES;
    if (size > Integer.MAX_VALUE) {
      throw new ServingException(
          ErrorCode.INTERNAL,
          "an output of strings takes %d bytes (expected: less than 2 GiB)".formatted(size));
    }
    MemorySegment data = MemorySegment.ofArray(new byte[(int) size]);
    long at = 0;
    for (long i = 0; i < count; i++) {
      long from = offsets.getAtIndex(JAVA_LONG, i);
      long to = i + 1 < count ? offsets.getAtIndex(JAVA_LONG, i + 1) : content.byteSize();
      data.set(Tensor.INT, at, (int) (to - from));
      MemorySegment.copy(content, JAVA_BYTE, from, data, JAVA_BYTE, at + LENGTH_BYTES, to - from);
      at += LENGTH_BYTES + to - from;
    }
    return data;
  }
}
