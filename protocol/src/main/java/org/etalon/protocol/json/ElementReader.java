package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a tensor's elements from a JSON array, flat or nested in any way, row-major. Owned by one
 * thread.
 *
 * <p>Memory grows with the elements that are there, not with what the shape claims.
 */
final class ElementReader {
  private static final int INITIAL_BYTES = 4096;
  private static final int SMALL_BYTES = 64;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;
  private static final int LENGTH_BYTES = 4;
  private static final int BOOL_BYTES = 1;

  private final JsonReader reader;
  private final JsonParser parser;
  private final String name;
  private final DataType datatype;
  private byte[] array;
  private ByteBuffer bytes;

  private ElementReader(JsonReader reader, String name, DataType datatype, int initialBytes) {
    if (datatype == DataType.FP16 || datatype == DataType.BF16) {
      throw ServingException.invalid(
          "input '%s': %s has no JSON form (expected: binary data, with binary_data_size)"
              .formatted(name, datatype));
    }
    this.reader = reader;
    this.parser = reader.parser();
    this.name = name;
    this.datatype = datatype;
    this.array = new byte[initialBytes];
    this.bytes = littleEndian(array);
  }

  /** Reads the array that comes next, into memory on the heap. */
  static Tensor read(JsonReader reader, String name, DataType datatype, Shape shape) {
    return new ElementReader(reader, name, datatype, initialBytes(datatype, shape)).read(shape);
  }

  /**
   * Reads the value that comes next, one element or an array of any nesting, into memory on the
   * heap; what it says of itself gives it its shape.
   */
  static Tensor readUnshaped(JsonReader reader, TensorMetadata input, boolean isBatching) {
    return new ElementReader(reader, input.name(), input.datatype(), SMALL_BYTES)
        .readUnshaped(input, isBatching);
  }

  private Tensor readUnshaped(TensorMetadata input, boolean isBatching) {
    var nesting = new Nesting();
    JsonToken token = reader.next();
    while (true) {
      switch (token) {
        case START_ARRAY -> nesting.open();
        case END_ARRAY -> {
          if (!nesting.close()) {
            throw fault("arrays of different lengths side by side (expected: equal ones)");
          }
        }
        default -> {
          if (!nesting.element()) {
            throw fault("elements and arrays side by side (expected: either)");
          }
          put(token);
        }
      }
      if (nesting.isComplete()) {
        break;
      }
      token = reader.next();
    }
    Shape shape =
        nesting
            .shape(input.shape(), isBatching)
            .orElseThrow(() ->
                fault(
                    "%d elements in arrays of depth %d (expected: as fit the shape %s)"
                        .formatted(nesting.elementCount(), nesting.depth(), input.shape())));
    return new Tensor(name, datatype, shape, data());
  }

  private MemorySegment data() {
    return MemorySegment.ofArray(array).asSlice(0, bytes.position());
  }

  private Tensor read(Shape shape) {
    if (reader.next() != JsonToken.START_ARRAY) {
      throw fault("not an array (expected: the elements in an array, flat or nested)");
    }
    long expected = shape.elementCount();
    long count = 0;
    for (int depth = 1; depth > 0; ) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
      } else if (token == JsonToken.END_ARRAY) {
        depth--;
      } else if (++count > expected) {
        throw fault("more than %d elements, as shape %s says".formatted(expected, shape));
      } else {
        put(token);
      }
    }
    if (count < expected) {
      throw fault("%d elements (expected: %d for shape %s)".formatted(count, expected, shape));
    }
    return new Tensor(name, datatype, shape, data());
  }

  private void put(JsonToken token) {
    switch (datatype) {
      case FP32 -> room(Float.BYTES).putFloat(float32(token));
      case FP64 -> room(Double.BYTES).putDouble(float64(token));
      case BOOL -> room(BOOL_BYTES).put((byte) (bool(token) ? 1 : 0));
      case INT8 -> room(Byte.BYTES).put((byte) whole(token, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case INT16 ->
          room(Short.BYTES).putShort((short) whole(token, Short.MIN_VALUE, Short.MAX_VALUE));
      case INT32 ->
          room(Integer.BYTES).putInt((int) whole(token, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case INT64 -> room(Long.BYTES).putLong(whole(token, Long.MIN_VALUE, Long.MAX_VALUE));
      case UINT8 -> room(Byte.BYTES).put((byte) whole(token, 0, 0xFFL));
      case UINT16 -> room(Short.BYTES).putShort((short) whole(token, 0, 0xFFFFL));
      case UINT32 -> room(Integer.BYTES).putInt((int) whole(token, 0, 0xFFFF_FFFFL));
      case UINT64 -> room(Long.BYTES).putLong(unsigned64(token));
      case BYTES -> putText(token);
      case FP16, BF16 -> throw new IllegalStateException(datatype + " has no JSON form");
    }
  }

  private float float32(JsonToken token) {
    // Parsed as a float from the digits: by way of a double it could be rounded twice.
    float value = number(token) ? parser.getFloatValue() : 0;
    if (Float.isInfinite(value)) {
      throw fault("%s is beyond the range of FP32".formatted(parser.getString()));
    }
    return value;
  }

  private double float64(JsonToken token) {
    double value = number(token) ? parser.getDoubleValue() : 0;
    if (Double.isInfinite(value)) {
      throw fault("%s is beyond the range of FP64".formatted(parser.getString()));
    }
    return value;
  }

  private boolean number(JsonToken token) {
    if (!token.isNumeric()) {
      throw fault("not a number (expected: %s)".formatted(datatype));
    }
    return true;
  }

  private boolean bool(JsonToken token) {
    if (!token.isBoolean()) {
      throw fault("not true or false (expected: BOOL)");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  private long whole(JsonToken token, long min, long max) {
    requireWhole(token);
    boolean isLong = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
    if (isLong) {
      long value = parser.getLongValue();
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw fault("%s is beyond the range of %s".formatted(parser.getString(), datatype));
  }

  private long unsigned64(JsonToken token) {
    requireWhole(token);
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return whole(token, 0, Long.MAX_VALUE);
    }
    try {
      return Long.parseUnsignedLong(parser.getString());
    } catch (NumberFormatException e) {
      throw fault("%s is beyond the range of UINT64".formatted(parser.getString()));
    }
  }

  private void requireWhole(JsonToken token) {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw fault("not a whole number (expected: %s)".formatted(datatype));
    }
  }

  private void putText(JsonToken token) {
    if (token != JsonToken.VALUE_STRING) {
      throw fault("not a text (expected: BYTES)");
    }
    String text = parser.getString();
    if (!isWellFormed(text)) {
      throw fault("half of a surrogate pair, which UTF-8 cannot hold");
    }
    byte[] element = text.getBytes(StandardCharsets.UTF_8);
    room(LENGTH_BYTES + (long) element.length).putInt(element.length).put(element);
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isSurrogate(unit)) {
        boolean isPair =
            Character.isHighSurrogate(unit)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!isPair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private ByteBuffer room(long more) {
    if (bytes.remaining() < more) {
      grow(bytes.position() + more);
    }
    return bytes;
  }

  private void grow(long needed) {
    if (needed > MAX_BYTES) {
      throw fault("more than 2 GiB of elements (expected: such a tensor as binary data)");
    }
    int capacity = (int) Math.min(MAX_BYTES, Math.max(needed, 2L * bytes.capacity()));
    int position = bytes.position();
    array = Arrays.copyOf(array, capacity);
    bytes = littleEndian(array).position(position);
  }

  private static ByteBuffer littleEndian(byte[] array) {
    return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int initialBytes(DataType datatype, Shape shape) {
    if (!datatype.isFixedSize()) {
      return INITIAL_BYTES;
    }
    long elements = Math.min(INITIAL_BYTES / datatype.elementBytes(), shape.elementCount());
    return (int) elements * datatype.elementBytes();
  }

  private ServingException fault(String what) {
    return reader.fault("input '%s': %s".formatted(name, what));
  }
}
