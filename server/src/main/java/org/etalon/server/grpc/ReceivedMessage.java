package org.etalon.server.grpc;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came from the network, in memory that it holds until it is released.
 *
 * <p>A message that arrived in one piece stays in the receive buffer; one in several pieces is put
 * together in pooled memory. Any thread may release it.
 */
final class ReceivedMessage {
  private final MemorySegment memory;
  private final boolean isCompressed;
  private final AtomicReference<@Nullable ByteBuf> held;

  private ReceivedMessage(ByteBuf held, MemorySegment memory, boolean isCompressed) {
    this.held = new AtomicReference<>(held);
    this.memory = memory;
    this.isCompressed = isCompressed;
  }

  /**
   * The message in a part of a buffer.
   *
   * @param buffer owned from here
   */
  static ReceivedMessage of(ByteBuf buffer, int at, int length, boolean isCompressed) {
    return new ReceivedMessage(
        buffer, MemorySegment.ofBuffer(buffer.nioBuffer(at, length)), isCompressed);
  }

  /** The message's bytes, valid until {@link #release}. */
  MemorySegment memory() {
    return memory;
  }

  boolean isCompressed() {
    return isCompressed;
  }

  /** Gives the memory back; a second call does nothing. */
  void release() {
    ByteBuf buffer = held.getAndSet(null);
    if (buffer != null) {
      buffer.release();
    }
  }
}
