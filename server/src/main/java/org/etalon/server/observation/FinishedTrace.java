package org.etalon.server.observation;

import java.util.List;
import java.util.Optional;
import org.etalon.engine.request.RequestTrace;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * The trace of a request that was answered.
 *
 * @param settings by which it was taken
 * @param protocol whose request it was
 * @param parent the client's trace
 * @param tensors copies of the inputs and outputs, none unless asked for
 * @param error what the request failed with
 */
record FinishedTrace(
    TraceSettings settings,
    Protocol protocol,
    RequestTrace trace,
    Optional<String> requestId,
    Optional<TraceParent> parent,
    List<TracedTensor> tensors,
    Optional<String> error) {
  FinishedTrace {
    tensors = List.copyOf(tensors);
  }

  /** A tensor as it was when the request passed. */
  record TracedTensor(
      String activity, String name, DataType datatype, Shape shape, Optional<Tensor> elements) {
    /** Of a longer one only the shape is kept, since traces wait in memory. */
    private static final long MAX_BYTES = 1 << 20;

    /**
     * @param activity such as {@code TENSOR_QUEUE_INPUT}
     * @param tensor copied
     */
    static TracedTensor of(String activity, Tensor tensor) {
      return new TracedTensor(
          activity,
          tensor.name(),
          tensor.datatype(),
          tensor.shape(),
          tensor.data().byteSize() > MAX_BYTES ? Optional.empty() : Optional.of(tensor.copy()));
    }
  }
}
