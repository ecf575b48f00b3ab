package org.etalon.server.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a call's data into messages, each behind a byte that says whether it is compressed and four
 * of its length. Memory for a message grows as it comes, so that a length that is only claimed
 * costs nothing. Owned by one event loop.
 */
final class MessageReader {
  static final int PREFIX_BYTES = 5;
  private static final int FIRST_BYTES = 64 << 10;

  private final int maxBytes;
  private final ByteBufAllocator allocator;
  private final Queue<ReceivedMessage> messages = new ArrayDeque<>(2);
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private int prefixBytes;

  /** The message that is coming, once its prefix is there. */
  private @Nullable ByteBuf body;

  private int bodyBytes;

  MessageReader(int maxBytes, ByteBufAllocator allocator) {
    this.maxBytes = maxBytes;
    this.allocator = allocator;
  }

  /**
   * The one plain message that a piece consists of; null if it is anything else. Most calls are
   * such a piece, and need no reader.
   */
  static @Nullable ReceivedMessage only(ByteBuf buffer, int at, int length, int maxBytes) {
    int size = length - PREFIX_BYTES;
    boolean isOnly =
        size >= 0 && size <= maxBytes && buffer.getByte(at) == 0 && buffer.getInt(at + 1) == size;
    return isOnly ? ReceivedMessage.of(buffer.retain(), at + PREFIX_BYTES, size, false) : null;
  }

  /** Messages that are whole and have not been taken. */
  int count() {
    return messages.size();
  }

  /** The next of them, which the caller then owns; null if there is none. */
  @Nullable ReceivedMessage poll() {
    return messages.poll();
  }

  /**
   * Takes a piece, borrowed.
   *
   * @throws StatusException with what the call is to be ended with
   */
  void read(ByteBuf buffer, int at, int length) throws StatusException {
    int from = at;
    int end = at + length;
    while (from < end) {
      if (body == null && prefixBytes == 0 && isWhole(buffer, from, end)) {
        from = takeWhole(buffer, from);
      } else if (body == null) {
        from = readPrefix(buffer, from, end);
      } else {
        from = readBody(body, buffer, from, end);
      }
    }
  }

  private static boolean isWhole(ByteBuf buffer, int from, int end) {
    int size = end - from - PREFIX_BYTES;
    return size >= 0 && Integer.compareUnsigned(buffer.getInt(from + 1), size) <= 0;
  }

  private int takeWhole(ByteBuf buffer, int from) throws StatusException {
    int size = checkSize(buffer.getInt(from + 1));
    boolean isCompressed = isCompressed(buffer.getByte(from));
    int start = from + PREFIX_BYTES;
    messages.add(ReceivedMessage.of(buffer.retain(), start, size, isCompressed));
    return start + size;
  }

  private int readPrefix(ByteBuf buffer, int from, int end) throws StatusException {
    int length = Math.min(PREFIX_BYTES - prefixBytes, end - from);
    buffer.getBytes(from, prefix, prefixBytes, length);
    prefixBytes += length;
    if (prefixBytes == PREFIX_BYTES) {
      int size = 0;
      for (int i = 1; i < PREFIX_BYTES; i++) {
        size = (size << Byte.SIZE) | (prefix[i] & 0xff);
      }
      bodyBytes = checkSize(size);
      isCompressed(prefix[0]);
      body = allocator.directBuffer(Math.clamp(bodyBytes, 1, FIRST_BYTES));
      if (bodyBytes == 0) {
        finish(body);
      }
    }
    return from + length;
  }

  private int readBody(ByteBuf message, ByteBuf buffer, int from, int end) throws StatusException {
    int length = Math.min(bodyBytes - message.readableBytes(), end - from);
    grow(message, length);
    message.writeBytes(buffer, from, length);
    if (message.readableBytes() == bodyBytes) {
      finish(message);
    }
    return from + length;
  }

  /** Doubles, but not beyond what the message needs. */
  private void grow(ByteBuf message, int length) {
    if (message.writableBytes() < length) {
      long doubled = Math.max(2L * message.capacity(), message.writerIndex() + (long) length);
      message.capacity((int) Math.min(bodyBytes, doubled));
    }
  }

  private void finish(ByteBuf message) throws StatusException {
    body = null;
    prefixBytes = 0;
    boolean isCompressed = isCompressed(prefix[0]);
    messages.add(ReceivedMessage.of(message, 0, bodyBytes, isCompressed));
  }

  private int checkSize(int size) throws StatusException {
    if (Integer.compareUnsigned(size, maxBytes) > 0) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              "a message of %s bytes (expected: at most %d)"
                  .formatted(Integer.toUnsignedString(size), maxBytes))
          .asException();
    }
    return size;
  }

  private static boolean isCompressed(byte flag) throws StatusException {
    if ((flag & ~1) != 0) {
      throw Status.INTERNAL
          .withDescription("a message with flag %d (expected: 0 or 1)".formatted(flag))
          .asException();
    }
    return flag == 1;
  }

  /** True between two messages. */
  boolean isBetweenMessages() {
    return body == null && prefixBytes == 0;
  }

  /** Gives back what it holds. */
  void close() {
    messages.forEach(ReceivedMessage::release);
    messages.clear();
    if (body != null) {
      body.release();
      body = null;
    }
  }
}
