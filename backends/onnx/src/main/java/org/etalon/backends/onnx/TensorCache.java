package org.etalon.backends.onnx;

import static java.lang.foreign.ValueLayout.ADDRESS;

import ai.onnxruntime.OrtException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.etalon.inference.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Tensors of the C interface over memory of ours, kept because batches come back to the same
 * memory. Owned by one thread.
 *
 * <p>Making and releasing the two tensors of a batch anew costs 0.3 to 0.5 us of the seven that the
 * 64-256-128-64 perceptron takes for eight rows.
 *
 * <p>Such a tensor is an address, an element type and a shape, and owns nothing: it may outlive the
 * memory it points to, and is right again for whatever lies at that address when it is used next,
 * as long as that is of the same shape. It is only ever used for a batch that holds the memory.
 */
final class TensorCache {
  /** Output memory rotates among the batches whose responses are not yet closed. */
  private static final int SIZE = 4;

  private final OrtApi api;
  private final int elementType;
  private final NativeShape nativeShape;
  private final MemorySegment out;
  private final long[] addresses = new long[SIZE];
  private final @Nullable Shape[] shapes = new Shape[SIZE];
  private final MemorySegment[] tensors = new MemorySegment[SIZE];
  private int next;

  /**
   * @param out scratch of a pointer's size
   */
  TensorCache(OrtApi api, int elementType, NativeShape nativeShape, MemorySegment out) {
    this.api = api;
    this.elementType = elementType;
    this.nativeShape = nativeShape;
    this.out = out;
    Arrays.fill(tensors, MemorySegment.NULL);
  }

  /**
   * A tensor over this memory, valid until {@link #close} or {@value #SIZE} more calls.
   *
   * @param data as many bytes as the shape takes, at least
   */
  MemorySegment tensor(MemorySegment data, Shape shape) throws OrtException {
    long address = data.address();
    for (int i = 0; i < SIZE; i++) {
      Shape known = shapes[i];
      if (addresses[i] == address && known != null && shape.equals(known)) {
        return tensors[i];
      }
    }
    int slot = next;
    next = (next + 1) % SIZE;
    forget(slot);
    api.wrapTensor(data, nativeShape.write(shape), shape.rank(), elementType, out);
    tensors[slot] = out.get(ADDRESS, 0);
    addresses[slot] = address;
    shapes[slot] = shape;
    return tensors[slot];
  }

  private void forget(int slot) {
    MemorySegment tensor = tensors[slot];
    shapes[slot] = null;
    tensors[slot] = MemorySegment.NULL;
    if (!OrtTable.isNull(tensor)) {
      api.releaseValue(tensor);
    }
  }

  void close() {
    for (int slot = 0; slot < SIZE; slot++) {
      forget(slot);
    }
  }
}
