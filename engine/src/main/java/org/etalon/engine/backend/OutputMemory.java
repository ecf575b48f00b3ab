package org.etalon.engine.backend;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The memory of one batch's outputs: lent to its responses, and back in its pool when the last of
 * them is closed.
 *
 * <p>Allocating belongs to the thread that runs the batch; {@link #retain} and {@link #release} are
 * thread-safe.
 */
public final class OutputMemory implements BatchMemory {
  private final Pool pool;
  private final List<Slab> slabs = new ArrayList<>(2);
  private final List<Runnable> onRelease = new ArrayList<>(0);
  private int holders = 1;

  private OutputMemory(Pool pool) {
    this.pool = pool;
  }

  /** Valid until the last {@link #release}. */
  @Override
  public MemorySegment allocate(long bytes) {
    Slab slab = pool.take(bytes);
    slabs.add(slab);
    return slab.memory.asSlice(0, bytes);
  }

  @Override
  public void onRelease(Runnable action) {
    onRelease.add(action);
  }

  /** One more holder, who releases once. */
  public synchronized void retain() {
    holders++;
  }

  /** One holder less; the last one gives everything back. */
  public void release() {
    synchronized (this) {
      if (holders == 0) {
        throw new IllegalStateException("output memory was released more often than it was held");
      }
      if (--holders > 0) {
        return;
      }
    }
    pool.giveBack(slabs);
    onRelease.forEach(Runnable::run);
  }

  private record Slab(Arena arena, MemorySegment memory) {}

  /**
   * Where an instance's output memory comes from and goes back to. Thread-safe; guarded by itself.
   *
   * <p>Closing a shared arena makes all threads meet, so slabs are kept, as many as were ever in
   * use at once, up to a bound.
   */
  public static final class Pool implements AutoCloseable {
    private static final int ALIGNMENT = 64;
    private static final int MAX_IDLE = 64;

    private final Deque<Slab> idle = new ArrayDeque<>();
    private boolean isClosed;

    /** Memory for one batch, held once. */
    public OutputMemory open() {
      return new OutputMemory(this);
    }

    @SuppressWarnings("MustBeClosedChecker") // the pool keeps slabs open between batches
    private Slab take(long bytes) {
      long capacity = Math.max(ALIGNMENT, roundUp(bytes));
      synchronized (this) {
        for (var slabs = idle.iterator(); slabs.hasNext(); ) {
          Slab slab = slabs.next();
          if (slab.memory.byteSize() == capacity) {
            slabs.remove();
            return slab;
          }
        }
      }
      Arena arena = Arena.ofShared();
      return new Slab(arena, arena.allocate(capacity, ALIGNMENT));
    }

    private static long roundUp(long bytes) {
      long highest = Long.highestOneBit(Math.max(1, bytes));
      return highest == bytes ? bytes : highest << 1;
    }

    private void giveBack(List<Slab> slabs) {
      List<Slab> surplus = new ArrayList<>(0);
      synchronized (this) {
        for (Slab slab : slabs) {
          if (isClosed || idle.size() >= MAX_IDLE) {
            surplus.add(slab);
          } else {
            idle.push(slab);
          }
        }
      }
      surplus.forEach(slab -> slab.arena.close());
    }

    /** Frees what is idle; what is lent is freed when it comes back. */
    @Override
    public void close() {
      List<Slab> surplus;
      synchronized (this) {
        isClosed = true;
        surplus = List.copyOf(idle);
        idle.clear();
      }
      surplus.forEach(slab -> slab.arena.close());
    }
  }
}
