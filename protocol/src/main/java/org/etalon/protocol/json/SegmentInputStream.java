package org.etalon.protocol.json;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads borrowed memory from front to back. Owned by one thread. */
final class SegmentInputStream extends InputStream {
  private final MemorySegment memory;
  private long position;

  SegmentInputStream(MemorySegment memory) {
    this.memory = memory;
  }

  @Override
  public int read() {
    if (position == memory.byteSize()) {
      return -1;
    }
    return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, position++));
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    long left = memory.byteSize() - position;
    if (left == 0 && length > 0) {
      return -1;
    }
    int count = (int) Math.min(length, left);
    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, position, target, offset, count);
    position += count;
    return count;
  }
}
