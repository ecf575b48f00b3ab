package org.etalon.engine.scheduling;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Lays the rows of several requests side by side, for one instance. Owned by the instance's thread.
 *
 * <p>Its memory, one slab an input, grows to the largest batch seen and is reused. A request that
 * is alone in its batch and lies aligned off the heap is used where it is.
 */
final class InputGatherer implements AutoCloseable {
  private static final int ALIGNMENT = 64;

  private final boolean isBatching;
  private final boolean takesAnyMemory;
  private final Slab[] slabs;

  /**
   * @param inputCount inputs of the model
   * @param isBatching true if tensors have the batch as their first dimension
   */
  InputGatherer(int inputCount, boolean isBatching) {
    this(inputCount, isBatching, false);
  }

  private InputGatherer(int inputCount, boolean isBatching, boolean takesAnyMemory) {
    this.isBatching = isBatching;
    this.takesAnyMemory = takesAnyMemory;
    this.slabs = new Slab[inputCount];
    for (int i = 0; i < inputCount; i++) {
      slabs[i] = new Slab();
    }
  }

  /** One that uses a request alone where it is, on the heap too, and therefore owns no memory. */
  static InputGatherer inPlace(int inputCount, boolean isBatching) {
    return new InputGatherer(inputCount, isBatching, true);
  }

  /** The inputs of the batch, in the order of the configuration, valid until the next call. */
  List<Tensor> gather(List<PendingRequest> batch, int rows) {
    List<Tensor> inputs = new ArrayList<>(slabs.length);
    for (int i = 0; i < slabs.length; i++) {
      Tensor first = batch.getFirst().input(i);
      if (first != null) {
        inputs.add(gather(batch, i, first, rows));
      }
    }
    return inputs;
  }

  private Tensor gather(List<PendingRequest> batch, int input, Tensor first, int rows) {
    if (batch.size() == 1 && isUsableInPlace(first.data())) {
      return first;
    }
    long bytes = 0;
    for (int i = 0; i < batch.size(); i++) {
      bytes += input(batch, i, input).byteSize();
    }
    MemorySegment gathered = slabs[input].ofSize(bytes);
    long offset = 0;
    for (int i = 0; i < batch.size(); i++) {
      MemorySegment own = input(batch, i, input);
      MemorySegment.copy(own, 0, gathered, offset, own.byteSize());
      offset += own.byteSize();
    }
    Shape shape = isBatching ? first.shape().withFirst(rows) : first.shape();
    return new Tensor(first.name(), first.datatype(), shape, gathered);
  }

  private static MemorySegment input(List<PendingRequest> batch, int request, int input) {
    Tensor tensor = batch.get(request).input(input);
    if (tensor == null) {
      throw new IllegalStateException("a batch mixes requests with and without an optional input");
    }
    return tensor.data();
  }

  private boolean isUsableInPlace(MemorySegment data) {
    return takesAnyMemory || (data.isNative() && data.address() % ALIGNMENT == 0);
  }

  @Override
  public void close() {
    for (Slab slab : slabs) {
      slab.close();
    }
  }

  /** Memory that grows and is used again. */
  private static final class Slab implements AutoCloseable {
    private @Nullable Arena arena;
    private MemorySegment memory = MemorySegment.NULL;

    @SuppressWarnings("MustBeClosedChecker") // kept open between batches, closed with the instance
    MemorySegment ofSize(long bytes) {
      if (arena == null || memory.byteSize() < bytes) {
        close();
        long highest = Long.highestOneBit(Math.max(ALIGNMENT, bytes));
        Arena larger = Arena.ofConfined();
        arena = larger;
        memory = larger.allocate(highest == bytes ? bytes : highest << 1, ALIGNMENT);
      }
      return memory.asSlice(0, bytes);
    }

    @Override
    public void close() {
      if (arena != null) {
        arena.close();
        arena = null;
        memory = MemorySegment.NULL;
      }
    }
  }
}
