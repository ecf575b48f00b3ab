package org.etalon.server.grpc;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Memory that counts what is out, and of which large pieces can be made to run out. */
final class ScarceMemory extends AbstractByteBufAllocator {
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private volatile int largestBytes = Integer.MAX_VALUE;

  ScarceMemory() {
    super(true);
  }

  /** From here on nobody is given more in one piece. */
  void limitTo(int bytes) {
    largestBytes = bytes;
  }

  /** What is given out and not yet back. */
  long usedBytes() {
    return memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
  }

  private void require(int bytes) {
    if (bytes > largestBytes) {
      throw new IllegalStateException("no %d bytes, as ordered".formatted(bytes));
    }
  }

  @Override
  protected ByteBuf newHeapBuffer(int bytes, int maxBytes) {
    require(bytes);
    return memory.heapBuffer(bytes, maxBytes);
  }

  @Override
  protected ByteBuf newDirectBuffer(int bytes, int maxBytes) {
    require(bytes);
    return memory.directBuffer(bytes, maxBytes);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }
}
