package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.BytesElements;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Finds each request's part of a batch's outputs: views of them, in the shapes that requests see.
 * Immutable.
 */
final class OutputScatter {
  private final VersionName name;
  private final boolean isBatching;
  private final List<TensorSpec> outputs;
  private final int outputCount;

  OutputScatter(VersionName name, ModelShape shape) {
    this.name = name;
    this.isBatching = shape.isBatching();
    this.outputs = shape.outputs();
    this.outputCount = shape.outputNames().size();
  }

  /**
   * For each request the outputs that it asks for, in its order.
   *
   * @param memory for what cannot be a view
   * @throws ServingException INTERNAL if the model gave less than was asked for, or other shapes
   */
  List<List<Tensor>> of(List<PendingRequest> batch, Batch run, OutputMemory memory) {
    List<List<Tensor>> parts = new ArrayList<>(batch.size());
    Cursor cursor = new Cursor(run, memory);
    for (int i = 0; i < batch.size(); i++) {
      PendingRequest request = batch.get(i);
      List<Tensor> tensors = new ArrayList<>(request.outputCount());
      for (int n = 0; n < request.outputCount(); n++) {
        tensors.add(cursor.part(request.output(n), request));
      }
      cursor.advance(request);
      parts.add(tensors);
    }
    return parts;
  }

  private ServingException wrongShape(Tensor whole, String expected) {
    return new ServingException(
        ErrorCode.INTERNAL,
        "model '%s' gave output '%s' of shape %s for a batch of %s"
            .formatted(name, whole.name(), whole.shape(), expected));
  }

  /** Where the next request's part begins in each output. */
  private final class Cursor {
    private final Batch run;
    private final OutputMemory memory;

    /** Bytes, of outputs whose rows have no fixed size. */
    private final long[] offsets = new long[outputCount];

    private int row;

    Cursor(Batch run, OutputMemory memory) {
      this.run = run;
      this.memory = memory;
    }

    /** The request's part of an output; called at most once a request and output. */
    Tensor part(int output, PendingRequest request) {
      Tensor whole = run.output(output);
      TensorSpec spec = outputs.get(output);
      if (whole == null) {
        throw new ServingException(
            ErrorCode.INTERNAL, "model '%s' gave no output '%s'".formatted(name, spec.name()));
      }
      return switch (spec.layout()) {
        case Layout.Plain.ROWS -> spec.reshaped(rows(whole, output, request.rows()));
        case Layout.Plain.SHAPE_VALUES -> shapeValues(whole, request.rows());
        case Layout.Plain.ELEMENTS -> throw new IllegalStateException(spec.name());
        case Layout.LikeInput(int input) ->
            like(whole, output, shapeLike(spec, request.input(input)));
      };
    }

    private Tensor rows(Tensor whole, int output, int count) {
      if (!isBatching) {
        return whole;
      }
      Shape shape = whole.shape();
      if (shape.rank() == 0 || shape.dim(0) != run.rows()) {
        throw wrongShape(whole, run.rows() + " (expected: the batch as first dimension)");
      }
      if (count == run.rows()) {
        return whole;
      }
      long from;
      long to;
      if (whole.datatype().isFixedSize()) {
        long rowBytes = whole.data().byteSize() / run.rows();
        from = row * rowBytes;
        to = from + count * rowBytes;
      } else {
        from = bytesOffset(whole, output);
        to = BytesElements.skip(whole.data(), from, shape.elementCount() / run.rows() * count);
      }
      return new Tensor(
          whole.name(),
          whole.datatype(),
          shape.withFirst(count),
          whole.data().asSlice(from, to - from));
    }

    /** As many elements as the request's input has, in the output's shape. */
    private Tensor like(Tensor whole, int output, Shape shape) {
      long from = offsets[output];
      long to = end(whole, from, shape);
      return new Tensor(
          whole.name(), whole.datatype(), shape, whole.data().asSlice(from, to - from));
    }

    private long end(Tensor whole, long from, Shape shape) {
      long bytes = whole.data().byteSize();
      if (whole.datatype().isFixedSize()) {
        long end = from + Tensor.byteSize(whole.datatype(), shape);
        if (end <= bytes) {
          return end;
        }
      } else if (BytesElements.count(whole.data().asSlice(from)) >= shape.elementCount()) {
        return BytesElements.skip(whole.data(), from, shape.elementCount());
      }
      throw wrongShape(whole, run.rows() + " (expected: as many elements as its source_input)");
    }

    private static Shape shapeLike(TensorSpec spec, @Nullable Tensor input) {
      List<Long> dims = spec.metadata().shape();
      long[] filled = new long[dims.size()];
      for (int i = 0; i < filled.length; i++) {
        filled[i] = dims.get(i) == TensorMetadata.ANY ? extent(input, i) : dims.get(i);
      }
      return Shape.of(filled);
    }

    private static long extent(@Nullable Tensor input, int dim) {
      return input == null || dim >= input.shape().rank() ? 0 : input.shape().dim(dim);
    }

    /** The model gives those of the whole batch. */
    private Tensor shapeValues(Tensor whole, int rows) {
      if (!isBatching || rows == run.rows() || whole.shape().elementCount() == 0) {
        return whole;
      }
      MemorySegment values = memory.allocate(whole.data().byteSize()).copyFrom(whole.data());
      InputLayouts.setBatch(whole.datatype(), values, rows);
      return new Tensor(whole.name(), whole.datatype(), whole.shape(), values);
    }

    /** A BYTES row has no fixed size: its offset is where the rows before it end. */
    private long bytesOffset(Tensor whole, int output) {
      long perRow = whole.shape().elementCount() / run.rows();
      if (offsets[output] == 0 && row > 0) {
        offsets[output] = BytesElements.skip(whole.data(), 0, perRow * row);
      }
      return offsets[output];
    }

    void advance(PendingRequest request) {
      int next = row + request.rows();
      for (int output = 0; output < outputs.size(); output++) {
        Tensor whole = run.output(output);
        if (whole == null) {
          continue;
        }
        TensorSpec spec = outputs.get(output);
        if (spec.layout() instanceof Layout.LikeInput(int input)) {
          offsets[output] = end(whole, offsets[output], shapeLike(spec, request.input(input)));
        } else if (isBatching
            && !whole.datatype().isFixedSize()
            && spec.layout() == Layout.Plain.ROWS
            && next < run.rows()) {
          long perRow = whole.shape().elementCount() / run.rows();
          offsets[output] =
              BytesElements.skip(whole.data(), bytesOffset(whole, output), perRow * request.rows());
        }
      }
      row = next;
    }
  }
}
