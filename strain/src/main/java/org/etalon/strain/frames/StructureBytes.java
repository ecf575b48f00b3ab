package org.etalon.strain.frames;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The fields of one structure, little-endian, as they are written. Owned by one thread. */
final class StructureBytes {
  private static final int LONGEST_TEXT = 0xFFFE;

  private ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);

  /** A length, the characters, and a NUL that counts. */
  StructureBytes text(String text) {
    byte[] characters = text.getBytes(StandardCharsets.UTF_8);
    if (characters.length > LONGEST_TEXT || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "text: %d bytes (expected: at most %d, without NUL)"
              .formatted(characters.length, LONGEST_TEXT));
    }
    return int16(characters.length + 1).raw(characters).int8(0);
  }

  StructureBytes int8(int value) {
    room(1).put((byte) value);
    return this;
  }

  StructureBytes int16(int value) {
    room(Short.BYTES).putShort((short) value);
    return this;
  }

  StructureBytes int32(long value) {
    room(Integer.BYTES).putInt((int) value);
    return this;
  }

  StructureBytes int64(long value) {
    room(Long.BYTES).putLong(value);
    return this;
  }

  StructureBytes real32(float value) {
    room(Float.BYTES).putFloat(value);
    return this;
  }

  StructureBytes real64(double value) {
    room(Double.BYTES).putDouble(value);
    return this;
  }

  StructureBytes reference(FrameClass target, int instance) {
    return int16(target.id()).int32(instance);
  }

  StructureBytes none() {
    return int16(0).int32(0);
  }

  StructureBytes raw(byte[] value) {
    room(value.length).put(value);
    return this;
  }

  int size() {
    return bytes.position();
  }

  byte[] toArray() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  private ByteBuffer room(int more) {
    if (bytes.remaining() < more) {
      int size = Math.max(2 * bytes.capacity(), Math.addExact(bytes.position(), more));
      bytes =
          ByteBuffer.wrap(Arrays.copyOf(bytes.array(), size))
              .order(ByteOrder.LITTLE_ENDIAN)
              .position(bytes.position());
    }
    return bytes;
  }
}
