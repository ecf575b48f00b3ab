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

  private final InputLayouts layouts;
  private final boolean takesAnyMemory;
  private final Slab[] slabs;

  InputGatherer(InputLayouts layouts) {
    this(layouts, false);
  }

  private InputGatherer(InputLayouts layouts, boolean takesAnyMemory) {
    this.layouts = layouts;
    this.takesAnyMemory = takesAnyMemory;
    this.slabs = new Slab[layouts.count()];
    for (int i = 0; i < slabs.length; i++) {
      slabs[i] = new Slab();
    }
  }

  /** One that uses a request alone where it is, on the heap too, and therefore owns no memory. */
  static InputGatherer inPlace(InputLayouts layouts) {
    return new InputGatherer(layouts, true);
  }

  /** The inputs of the batch, in the order of the configuration, valid until the next call. */
  List<Tensor> gather(List<PendingRequest> batch, int rows) {
    List<Tensor> inputs = new ArrayList<>(slabs.length);
    for (int i = 0; i < slabs.length; i++) {
      Tensor first = batch.getFirst().input(i);
      if (first != null) {
        inputs.add(
            layouts.of(i) == Layout.Plain.SHAPE_VALUES
                ? shapeValues(i, first, rows)
                : gather(batch, i, first, rows));
      }
    }
    return inputs;
  }

  private Tensor gather(List<PendingRequest> batch, int input, Tensor first, int rows) {
    boolean isOfRows = layouts.of(input) == Layout.Plain.ROWS;
    if (batch.size() == 1 && isUsableInPlace(first.data())) {
      return isOfRows ? first : flat(first, first.shape().elementCount(), first.data());
    }
    long bytes = 0;
    long elements = 0;
    for (int i = 0; i < batch.size(); i++) {
      Tensor own = input(batch, i, input);
      bytes += own.data().byteSize();
      elements += own.shape().elementCount();
    }
    MemorySegment gathered = slabs[input].ofSize(bytes);
    long offset = 0;
    for (int i = 0; i < batch.size(); i++) {
      MemorySegment own = input(batch, i, input).data();
      MemorySegment.copy(own, 0, gathered, offset, own.byteSize());
      offset += own.byteSize();
    }
    if (!isOfRows) {
      return flat(first, elements, gathered);
    }
    Shape shape = layouts.isBatching() ? first.shape().withFirst(rows) : first.shape();
    return new Tensor(first.name(), first.datatype(), shape, gathered);
  }

  private static Tensor flat(Tensor like, long elements, MemorySegment data) {
    return new Tensor(like.name(), like.datatype(), Shape.of(elements), data);
  }

  /** All requests' values are the same, but for the batch, which is their sum. */
  private Tensor shapeValues(int input, Tensor first, int rows) {
    MemorySegment values = slabs[input].ofSize(first.data().byteSize()).copyFrom(first.data());
    if (layouts.isBatching()) {
      InputLayouts.setBatch(first.datatype(), values, rows);
    }
    return new Tensor(first.name(), first.datatype(), first.shape(), values);
  }

  private static Tensor input(List<PendingRequest> batch, int request, int input) {
    Tensor tensor = batch.get(request).input(input);
    if (tensor == null) {
      throw new IllegalStateException("a batch mixes requests with and without an optional input");
    }
    return tensor;
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
