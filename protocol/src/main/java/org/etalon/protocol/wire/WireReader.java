package org.etalon.protocol.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * Reads the protobuf wire format in place. Owned by one thread.
 *
 * <p>It accepts and refuses what the reference implementation does: varints are cut to their type's
 * width, fields of an unexpected wire type are skipped like unknown ones.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers: Encoding</a>
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  private static final int MAX_DEPTH = 100;
  private static final int MAX_VARINT_BYTES = 10;

  private final MemorySegment memory;
  private long position;
  private long limit;

  WireReader(MemorySegment memory) {
    this.memory = memory;
    this.limit = memory.byteSize();
  }

  /** The tag that says field {@code number} comes in wire type {@code type}. */
  static int tag(int number, int type) {
    return number << 3 | type;
  }

  boolean hasMore() {
    return position < limit;
  }

  long position() {
    return position;
  }

  /**
   * Narrows the reader to a length-delimited value, whose length is read.
   *
   * @return to be given to {@link #leave} when the value has been read
   */
  long enter() {
    long outer = limit;
    limit = endOfValue();
    return outer;
  }

  void leave(long outerLimit) {
    limit = outerLimit;
  }

  int readTag() {
    int tag = (int) readVarint();
    if (tag >>> 3 == 0) {
      throw malformed("field number 0");
    }
    return tag;
  }

  long readVarint() {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      byte next = readByte();
      value |= (long) (next & 0x7f) << (7 * i);
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("a number of more than 10 bytes");
  }

  boolean readBool() {
    return readVarint() != 0;
  }

  int readFixed32() {
    long at = advance(Integer.BYTES);
    return memory.get(Tensor.INT, at);
  }

  long readFixed64() {
    long at = advance(Long.BYTES);
    return memory.get(Tensor.LONG, at);
  }

  double readDouble() {
    return Double.longBitsToDouble(readFixed64());
  }

  /** The bytes of a length-delimited value, still where they lie. */
  MemorySegment readBytes() {
    long end = endOfValue();
    MemorySegment bytes = memory.asSlice(position, end - position);
    position = end;
    return bytes;
  }

  String readString() {
    long end = endOfValue();
    byte[] bytes = new byte[Math.toIntExact(end - position)];
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, position, bytes, 0, bytes.length);
    String text = decodeText(bytes);
    position = end;
    return text;
  }

  /** Skips the value behind a tag that nobody knows. */
  void skip(int tag) {
    skip(tag, 0);
  }

  private void skip(int tag, int depth) {
    switch (tag & 7) {
      case VARINT -> readVarint();
      case FIXED64 -> advance(Long.BYTES);
      case LENGTH_DELIMITED -> position = endOfValue();
      case START_GROUP -> skipGroup(tag, depth);
      case FIXED32 -> advance(Integer.BYTES);
      default -> throw malformed("wire type " + (tag & 7) + " where a field begins");
    }
  }

  private void skipGroup(int startTag, int depth) {
    if (depth == MAX_DEPTH) {
      throw malformed("groups nested more than " + MAX_DEPTH + " deep");
    }
    int endTag = tag(startTag >>> 3, END_GROUP);
    for (int tag = readTag(); tag != endTag; tag = readTag()) {
      skip(tag, depth + 1);
    }
  }

  private byte readByte() {
    if (position >= limit) {
      throw truncated();
    }
    return memory.get(ValueLayout.JAVA_BYTE, position++);
  }

  private long endOfValue() {
    int length = (int) readVarint();
    if (length < 0) {
      throw malformed("a length of " + length);
    }
    if (length > limit - position) {
      throw truncated();
    }
    return position + length;
  }

  private long advance(int bytes) {
    if (bytes > limit - position) {
      throw truncated();
    }
    long at = position;
    position += bytes;
    return at;
  }

  private String decodeText(byte[] bytes) {
    for (byte unit : bytes) {
      if (unit < 0) {
        return decodeUtf8(bytes);
      }
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String decodeUtf8(byte[] bytes) {
    try {
      // A new decoder reports what String's constructor would replace.
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT,
          "malformed message: text at byte %d is not UTF-8".formatted(position),
          e);
    }
  }

  private ServingException truncated() {
    return malformed("it ends inside a field");
  }

  private ServingException malformed(String what) {
    return ServingException.invalid(
        "malformed message: %s at byte %d (expected: a ModelInferRequest in protobuf's wire format)"
            .formatted(what, position));
  }
}
