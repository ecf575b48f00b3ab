package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import org.etalon.engine.backend.BatchPart;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A request that was checked and accepted. Immutable but for its place in its scheduler, whose lock
 * guards that; told apart from others by identity.
 */
final class PendingRequest implements BatchPart {
  private static final ResponseHandler NOBODY =
      new ResponseHandler() {
        @Override
        public void onResponse(InferenceResponse response, boolean isLast) {
          response.close();
        }

        @Override
        public void onError(ServingException error) {}
      };

  private final InferenceRequest request;
  private ResponseHandler handler;
  private final @Nullable Tensor[] inputs;
  private final int[] outputs;
  private final int rows;
  private final long arrivalNanos;
  private final InputLayouts layouts;

  /** Where it waits, and between whom. */
  @Nullable RequestList list;

  @Nullable PendingRequest previous;
  @Nullable PendingRequest next;

  /** Of the {@link Expiries} that it stands in: its place. */
  long expiryNanos = Expiries.NEVER;

  long ticket;

  /**
   * @param inputs in the order of the configuration, null where an optional one is absent
   * @param outputs indexes of the wanted outputs, in the order asked for
   * @param rows its share of a batch
   * @param arrivalNanos on {@link System#nanoTime}'s clock
   * @param layouts of the model's inputs
   */
  PendingRequest(
      InferenceRequest request,
      ResponseHandler handler,
      @Nullable Tensor[] inputs,
      int[] outputs,
      int rows,
      long arrivalNanos,
      InputLayouts layouts) {
    this.request = request;
    this.handler = handler;
    this.inputs = inputs;
    this.outputs = outputs;
    this.rows = rows;
    this.arrivalNanos = arrivalNanos;
    this.layouts = layouts;
  }

  /** A request that nobody waits for. */
  static PendingRequest trial(
      InferenceRequest request,
      @Nullable Tensor[] inputs,
      int[] outputs,
      int rows,
      InputLayouts layouts) {
    return new PendingRequest(request, NOBODY, inputs, outputs, rows, 0, layouts);
  }

  /** A request's double without data or asker, for a row of a batch that nobody asked for. */
  static PendingRequest placeholderLike(PendingRequest request) {
    @Nullable Tensor[] zeros = new Tensor[request.inputs.length];
    for (int i = 0; i < zeros.length; i++) {
      Tensor tensor = request.inputs[i];
      zeros[i] = tensor == null ? null : zerosLike(tensor);
    }
    return new PendingRequest(
        request.request,
        NOBODY,
        zeros,
        new int[0],
        request.rows,
        request.arrivalNanos,
        request.layouts);
  }

  /** Of BYTES, each element is an empty text: a length of four zero bytes. */
  private static Tensor zerosLike(Tensor tensor) {
    long bytes =
        tensor.datatype().isFixedSize()
            ? tensor.data().byteSize()
            : Math.multiplyExact(tensor.shape().elementCount(), (long) Integer.BYTES);
    MemorySegment zeros = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    return new Tensor(tensor.name(), tensor.datatype(), tensor.shape(), zeros);
  }

  /** True for a row that nobody asked for. */
  boolean isPlaceholder() {
    return handler == NOBODY;
  }

  @Override
  public InferenceRequest request() {
    return request;
  }

  ResponseHandler handler() {
    return handler;
  }

  /** Has its answers go another way; before an instance has it. */
  void answerTo(ResponseHandler other) {
    handler = other;
  }

  /** The input of that index in the configuration, null if it is optional and absent. */
  @Nullable Tensor input(int index) {
    return inputs[index];
  }

  int outputCount() {
    return outputs.length;
  }

  /** The index in the configuration of the n-th output asked for. */
  int output(int n) {
    return outputs[n];
  }

  @Override
  public int rows() {
    return rows;
  }

  long arrivalNanos() {
    return arrivalNanos;
  }

  /** True if both may stand in one batch. */
  boolean canBatchWith(PendingRequest other) {
    return layouts.canShareBatch(inputs, other.inputs);
  }
}
