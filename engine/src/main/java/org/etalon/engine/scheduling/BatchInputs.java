package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.config.ConfiguredDataType;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.BatchInput;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Inputs of a model that say how its ragged inputs are made up of requests ({@code batch_input}).
 * Immutable.
 */
final class BatchInputs {
  private final List<Counts> inputs;

  private BatchInputs(List<Counts> inputs) {
    this.inputs = List.copyOf(inputs);
  }

  static BatchInputs of(ModelConfig config) {
    List<Counts> inputs = new ArrayList<>();
    for (BatchInput input : config.getBatchInputList()) {
      for (String target : input.getTargetNameList()) {
        inputs.add(
            new Counts(
                input.getKind(),
                target,
                ConfiguredDataType.of(input.getDataType()),
                TensorSpec.inputIndex(config, input.getSourceInput(0))));
      }
    }
    return new BatchInputs(inputs);
  }

  boolean isEmpty() {
    return inputs.isEmpty();
  }

  /**
   * Adds what the model is told of a batch.
   *
   * @param memory where it lies
   */
  void addTo(List<Tensor> tensors, List<PendingRequest> batch, OutputMemory memory) {
    for (int i = 0; i < inputs.size(); i++) {
      tensors.add(inputs.get(i).tensor(batch, memory));
    }
  }

  /**
   * One such input.
   *
   * @param datatype INT32 or FP32
   * @param source index of the input that is counted
   */
  private record Counts(BatchInput.Kind kind, String name, DataType datatype, int source) {
    Tensor tensor(List<PendingRequest> batch, OutputMemory memory) {
      return switch (kind) {
        case BATCH_ELEMENT_COUNT -> counts(batch, false, false, memory);
        case BATCH_ACCUMULATED_ELEMENT_COUNT -> counts(batch, true, false, memory);
        case BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO -> counts(batch, true, true, memory);
        case BATCH_MAX_ELEMENT_COUNT_AS_SHAPE -> largest(batch, memory);
        case BATCH_ITEM_SHAPE -> itemShapes(batch, false, memory);
        case BATCH_ITEM_SHAPE_FLATTEN -> itemShapes(batch, true, memory);
        case UNRECOGNIZED -> throw new IllegalStateException("batch_input '" + name + "'");
      };
    }

    private Tensor counts(
        List<PendingRequest> batch, boolean isSum, boolean hasZero, OutputMemory memory) {
      int first = hasZero ? 1 : 0;
      Shape shape = Shape.of(batch.size() + first);
      MemorySegment data = allocate(shape, memory);
      if (hasZero) {
        write(data, 0, 0);
      }
      long sum = 0;
      for (int i = 0; i < batch.size(); i++) {
        long count = elements(batch.get(i));
        sum += count;
        write(data, first + i, isSum ? sum : count);
      }
      return new Tensor(name, datatype, shape, data);
    }

    /** The count is in the shape; the elements mean nothing. */
    private Tensor largest(List<PendingRequest> batch, OutputMemory memory) {
      long most = 0;
      for (int i = 0; i < batch.size(); i++) {
        most = Math.max(most, elements(batch.get(i)));
      }
      Shape shape = Shape.of(most);
      return new Tensor(name, datatype, shape, allocate(shape, memory).fill((byte) 0));
    }

    /** The extents of every row's item, without the batch. */
    private Tensor itemShapes(List<PendingRequest> batch, boolean isFlat, OutputMemory memory) {
      long rows = 0;
      int rank = 0;
      for (int i = 0; i < batch.size(); i++) {
        Tensor tensor = batch.get(i).input(source);
        if (tensor != null) {
          rows += tensor.shape().dim(0);
          rank = tensor.shape().rank() - 1;
        }
      }
      Shape shape = isFlat ? Shape.of(rows * rank) : Shape.of(rows, rank);
      MemorySegment data = allocate(shape, memory);
      long at = 0;
      for (int i = 0; i < batch.size(); i++) {
        Tensor tensor = batch.get(i).input(source);
        for (long row = 0; tensor != null && row < tensor.shape().dim(0); row++) {
          for (int dim = 1; dim <= rank; dim++) {
            write(data, at++, tensor.shape().dim(dim));
          }
        }
      }
      return new Tensor(name, datatype, shape, data);
    }

    private long elements(PendingRequest request) {
      @Nullable Tensor tensor = request.input(source);
      return tensor == null ? 0 : tensor.shape().elementCount();
    }

    private MemorySegment allocate(Shape shape, OutputMemory memory) {
      return memory.allocate(Tensor.byteSize(datatype, shape));
    }

    private void write(MemorySegment data, long index, long value) {
      if (datatype == DataType.INT32) {
        data.set(Tensor.INT, index * Integer.BYTES, (int) value);
      } else {
        data.set(Tensor.FLOAT, index * Float.BYTES, (float) value);
      }
    }
  }
}
