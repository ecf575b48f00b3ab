package org.etalon.server.grpc;

import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A message as it came from the network, in memory that it holds until it is released.
 *
 * <p>A message that arrived in one piece stays in the receive buffer; one in several pieces is put
 * together in pooled memory; a compressed one is expanded on the heap. Any thread may release it.
 */
final class ReceivedMessage {
  private final MemorySegment memory;
  private final Runnable release;
  private final AtomicBoolean isReleased = new AtomicBoolean();

  private ReceivedMessage(MemorySegment memory, Runnable release) {
    this.memory = memory;
    this.release = release;
  }

  /**
   * Takes the message out of a stream that gRPC closes afterwards.
   *
   * @param allocator of the memory for a message in several pieces
   */
  static ReceivedMessage take(InputStream stream, ByteBufAllocator allocator) {
    try {
      if (stream instanceof KnownLength
          && stream instanceof Detachable detachable
          && stream instanceof HasByteBuffer buffers
          && buffers.byteBufferSupported()) {
        return take(stream, detachable, buffers, allocator);
      }
      return new ReceivedMessage(MemorySegment.ofArray(stream.readAllBytes()), () -> {});
    } catch (IOException e) {
      throw new UncheckedIOException("a message in the server's own memory", e);
    }
  }

  private static ReceivedMessage take(
      InputStream stream, Detachable detachable, HasByteBuffer buffers, ByteBufAllocator allocator)
      throws IOException {
    int size = stream.available();
    ByteBuffer first = buffers.getByteBuffer();
    if (first != null && first.remaining() == size) {
      InputStream owned = detachable.detach();
      return new ReceivedMessage(MemorySegment.ofBuffer(first), () -> close(owned));
    }
    return gather(stream, buffers, size, allocator);
  }

  private static ReceivedMessage gather(
      InputStream stream, HasByteBuffer buffers, int size, ByteBufAllocator allocator)
      throws IOException {
    ByteBuf whole = allocator.directBuffer(Math.max(1, size));
    try {
      while (whole.writerIndex() < size) {
        ByteBuffer piece = buffers.getByteBuffer();
        if (piece == null) {
          throw new IOException(
              "a message of %d bytes ended after %d".formatted(size, whole.writerIndex()));
        }
        int length = piece.remaining();
        whole.writeBytes(piece);
        stream.skipNBytes(length);
      }
      MemorySegment memory = MemorySegment.ofBuffer(whole.nioBuffer(0, size));
      return new ReceivedMessage(memory, whole::release);
    } catch (IOException | RuntimeException e) {
      whole.release();
      throw e;
    }
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException("a message in the server's own memory", e);
    }
  }

  /** The message's bytes, valid until {@link #release}. */
  MemorySegment memory() {
    return memory;
  }

  /** Gives the memory back; a second call does nothing. */
  void release() {
    if (isReleased.compareAndSet(false, true)) {
      release.run();
    }
  }
}
