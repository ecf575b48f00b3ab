package org.etalon.engine.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OutputMemoryTest {
  @Test
  void memoryIsReusedOnceEveryHolderHasLetGo() {
    try (OutputMemory.Pool pool = new OutputMemory.Pool()) {
      OutputMemory first = pool.open();
      MemorySegment segment = first.allocate(100);
      first.retain();
      first.release();
      OutputMemory second = pool.open();
      assertThat(second.allocate(100).address()).isNotEqualTo(segment.address());
      first.release();
      OutputMemory third = pool.open();
      assertThat(third.allocate(120).address()).isEqualTo(segment.address());
      second.release();
      third.release();
    }
  }

  @Test
  void lentMemoryOutlivesThePoolUntilItComesBack() {
    OutputMemory.Pool pool = new OutputMemory.Pool();
    OutputMemory memory = pool.open();
    MemorySegment segment = memory.allocate(64);
    pool.close();
    assertThat(segment.scope().isAlive()).isTrue();
    memory.release();
    assertThat(segment.scope().isAlive()).isFalse();
  }

  @Test
  void handedOverMemoryIsGivenBackOnceAndNoSoonerThanTheLastHolder() {
    try (OutputMemory.Pool pool = new OutputMemory.Pool()) {
      AtomicInteger released = new AtomicInteger();
      OutputMemory memory = pool.open();
      memory.onRelease(released::incrementAndGet);
      memory.retain();
      memory.release();
      assertThat(released).hasValue(0);
      memory.release();
      assertThat(released).hasValue(1);
      assertThatThrownBy(memory::release).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void everySegmentIsAlignedForVectorInstructions() {
    try (OutputMemory.Pool pool = new OutputMemory.Pool()) {
      OutputMemory memory = pool.open();
      for (long bytes : new long[] {0, 1, 63, 65, 4097}) {
        MemorySegment segment = memory.allocate(bytes);
        assertThat(segment.byteSize()).isEqualTo(bytes);
        assertThat(segment.address() % 64).isZero();
      }
      memory.release();
    }
  }
}
