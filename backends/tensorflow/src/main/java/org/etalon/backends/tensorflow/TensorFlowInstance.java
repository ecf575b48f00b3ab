package org.etalon.backends.tensorflow;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.BatchOutputs;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Runs batches on a session that it shares with other instances. Owned by one thread.
 *
 * <p>Inputs are read where they lie; outputs are copied once, into the batch's memory.
 */
final class TensorFlowInstance implements ModelInstance {
  /** {@code TF_Output}: an operation and which of its results. */
  private static final long PORT_BYTES = 16;

  private static final long PORT_INDEX_AT = 8;
  private static final int MAX_RANK = 254;

  private final TensorFlowApi api;
  private final ModelLabel label;
  private final MemorySegment session;
  private final Map<String, Port> inputs = new HashMap<>();
  private final List<Result> results = new ArrayList<>();
  private final boolean hasBatch;

  @SuppressWarnings("MustBeClosedChecker") // closed with the instance
  private final Arena arena = Arena.ofConfined();

  private final MemorySegment dims = arena.allocate(JAVA_LONG, MAX_RANK);
  private final MemorySegment inputPorts;
  private final MemorySegment inputValues;
  private final MemorySegment outputPorts;
  private final MemorySegment outputValues;
  private final MemorySegment status;
  private final StringTensors strings;

  /** Where a tensor enters or leaves the graph. */
  private record Port(MemorySegment operation, int index, DataType datatype) {}

  /** An output and what the configuration says of it. */
  private record Result(int index, String name, Port port, List<Long> dims) {}

  TensorFlowInstance(SavedModel model, ModelConfig config, ModelSignature signature) {
    this.api = model.api();
    this.label = model.label();
    this.session = model.session();
    this.hasBatch = config.getMaxBatchSize() > 0;
    signature.inputs().forEach(spec -> inputs.put(spec.name(), port(model, spec)));
    Map<String, TensorSpec> specs = new HashMap<>();
    signature.outputs().forEach(spec -> specs.put(spec.name(), spec));
    for (ModelOutput output : BatchOutputs.of(config)) {
      TensorSpec spec = specs.get(output.getName());
      if (spec == null) {
        throw label.invalid("output '%s' is not in the signature".formatted(output.getName()));
      }
      List<Long> inside =
          output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList();
      results.add(new Result(results.size(), spec.name(), port(model, spec), List.copyOf(inside)));
    }
    this.inputPorts = arena.allocate(PORT_BYTES * Math.max(1, inputs.size()), 8);
    this.inputValues = arena.allocate(ADDRESS, Math.max(1, inputs.size()));
    this.outputPorts = arena.allocate(PORT_BYTES * Math.max(1, results.size()), 8);
    this.outputValues = arena.allocate(ADDRESS, Math.max(1, results.size()));
    this.status = api.newStatus();
    this.strings = new StringTensors(api, label);
  }

  private static Port port(SavedModel model, TensorSpec spec) {
    return new Port(model.operation(spec.operation()), spec.index(), spec.datatype());
  }

  @Override
  public void execute(Batch batch) {
    List<Tensor> tensors = batch.inputs();
    if (tensors.size() != inputs.size()) {
      throw label.invalid("%d inputs (expected: %s)".formatted(tensors.size(), inputs.keySet()));
    }
    int made = 0;
    int asked = 0;
    outputValues.fill((byte) 0);
    try {
      for (; made < tensors.size(); made++) {
        bind(tensors.get(made), made);
      }
      for (Result result : results) {
        if (batch.isRequested(result.index())) {
          write(outputPorts, asked++, result.port());
        }
      }
      api.run(session, inputPorts, inputValues, made, outputPorts, outputValues, asked, status);
      answer(batch);
    } catch (TensorFlowException e) {
      throw label.notRun(e);
    } finally {
      free(made, asked);
    }
  }

  private void bind(Tensor tensor, int position) {
    Port port = inputs.get(tensor.name());
    if (port == null || port.datatype() != tensor.datatype()) {
      throw label.invalid(
          "unexpected input '%s' %s (expected: %s)"
              .formatted(tensor.name(), tensor.datatype(), inputs.keySet()));
    }
    Shape shape = tensor.shape();
    if (shape.rank() > MAX_RANK) {
      throw label.invalid(
          "input '%s': %d dimensions (expected: %d at most)"
              .formatted(tensor.name(), shape.rank(), MAX_RANK));
    }
    for (int i = 0; i < shape.rank(); i++) {
      dims.setAtIndex(JAVA_LONG, i, shape.dim(i));
    }
    write(inputPorts, position, port);
    inputValues.setAtIndex(
        ADDRESS,
        position,
        tensor.datatype() == DataType.BYTES
            ? strings.create(tensor, dims)
            : api.tensorOver(
                ElementType.number(tensor.datatype()), dims, shape.rank(), tensor.data()));
  }

  private static void write(MemorySegment ports, int position, Port port) {
    ports.set(ADDRESS, position * PORT_BYTES, port.operation());
    ports.set(JAVA_INT, position * PORT_BYTES + PORT_INDEX_AT, port.index());
  }

  private void answer(Batch batch) {
    int position = 0;
    for (Result result : results) {
      if (batch.isRequested(result.index())) {
        answer(result, outputValues.getAtIndex(ADDRESS, position++), batch);
      }
    }
  }

  private void answer(Result result, MemorySegment value, Batch batch) {
    Shape shape = Shape.of(api.dims(value));
    DataType expected = result.port().datatype();
    if (api.tensorType(value) != ElementType.number(expected)
        || !fits(shape, result.dims(), batch.rows())) {
      throw label.internal(
          "output '%s' has shape %s (expected: dims %s%s, as the configuration says)"
              .formatted(
                  result.name(),
                  shape,
                  result.dims(),
                  hasBatch ? " behind a batch of " + batch.rows() : ""));
    }
    if (expected == DataType.BYTES) {
      MemorySegment elements = strings.read(value, shape.elementCount());
      batch.handOver(
          result.index(), new Tensor(result.name(), expected, shape, elements), () -> {});
    } else {
      batch.allocate(result.index(), expected, shape).copyFrom(api.data(value));
    }
  }

  private boolean fits(Shape shape, List<Long> expected, int rows) {
    int batchDims = hasBatch ? 1 : 0;
    if (shape.rank() != expected.size() + batchDims || (hasBatch && shape.dim(0) != rows)) {
      return false;
    }
    for (int i = 0; i < expected.size(); i++) {
      long dim = expected.get(i);
      if (dim != TensorSpec.FREE && dim != shape.dim(i + batchDims)) {
        return false;
      }
    }
    return true;
  }

  /** Outputs first: they may lie in inputs. */
  private void free(int made, int asked) {
    for (int i = 0; i < asked; i++) {
      MemorySegment value = outputValues.getAtIndex(ADDRESS, i);
      if (value.address() != 0) {
        api.deleteTensor(value);
      }
    }
    for (int i = 0; i < made; i++) {
      api.deleteTensor(inputValues.getAtIndex(ADDRESS, i));
    }
  }

  @Override
  public void close() {
    api.deleteStatus(status);
    arena.close();
  }
}
