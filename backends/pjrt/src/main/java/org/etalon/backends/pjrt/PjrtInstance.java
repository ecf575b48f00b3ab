package org.etalon.backends.pjrt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.etalon.backends.pjrt.PjrtApi.FIELDS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.etalon.backends.pjrt.PjrtApi.Function;
import org.etalon.backends.pjrt.PjrtModel.Port;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;

/**
 * Runs batches on programs that it shares with other instances. Owned by one thread.
 *
 * <p>A batch goes to the smallest program with room for it. If it fills the program, inputs are
 * read where they lie; else they are copied in front of zeros, and what the program answers to
 * those is left out.
 */
final class PjrtInstance implements ModelInstance {
  /** The plugin may read a buffer where it lies, for as long as the buffer lives. */
  private static final int ZERO_COPY = 2;

  private final PjrtModel model;

  PjrtInstance(PjrtModel model) {
    this.model = model;
  }

  @Override
  public void execute(Batch batch) {
    int size = model.size(batch.rows());
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> inputs = new ArrayList<>();
      for (int i = 0; i < model.inputs().size(); i++) {
        inputs.add(input(batch, i, size, arena));
      }
      List<MemorySegment> outputs = new ArrayList<>();
      List<MemorySegment> answers = new ArrayList<>();
      for (int i = 0; i < model.outputs().size(); i++) {
        Port port = model.outputs().get(i);
        Shape whole = port.shape(size, model.hasBatch());
        Shape asked = port.shape(batch.rows(), model.hasBatch());
        MemorySegment answer = batch.allocate(i, port.datatype(), asked);
        answers.add(answer);
        outputs.add(
            whole.equals(asked)
                ? answer
                : arena.allocate(Tensor.byteSize(port.datatype(), whole), 64));
      }
      run(size, inputs, outputs, arena);
      for (int i = 0; i < outputs.size(); i++) {
        MemorySegment answer = answers.get(i);
        if (outputs.get(i).address() != answer.address()) {
          MemorySegment.copy(outputs.get(i), 0, answer, 0, answer.byteSize());
        }
      }
    } catch (PjrtException e) {
      throw model.label().notRun(e);
    }
  }

  private MemorySegment input(Batch batch, int index, int size, Arena arena) {
    Port port = model.inputs().get(index);
    List<Tensor> tensors = batch.inputs();
    Tensor tensor = tensors.size() > index ? tensors.get(index) : null;
    if (tensor == null
        || !tensor.name().equals(port.name())
        || tensor.datatype() != port.datatype()
        || !tensor.shape().equals(port.shape(batch.rows(), model.hasBatch()))) {
      throw model
          .label()
          .invalid(
              "input %s (expected: '%s' %s %s)"
                  .formatted(
                      tensor == null
                          ? "is missing"
                          : "'" + tensor.name() + "' " + tensor.datatype() + " " + tensor.shape(),
                      port.name(),
                      port.datatype(),
                      port.shape(batch.rows(), model.hasBatch())));
    }
    long bytes = Tensor.byteSize(port.datatype(), port.shape(size, model.hasBatch()));
    if (bytes == tensor.data().byteSize()) {
      return tensor.data();
    }
    MemorySegment padded = arena.allocate(bytes, 64);
    MemorySegment.copy(tensor.data(), 0, padded, 0, tensor.data().byteSize());
    return padded;
  }

  /** Runs a program on zeros, for what it says of its arguments. */
  void runZeros(int size) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> inputs = zeros(model.inputs(), size, arena);
      run(size, inputs, zeros(model.outputs(), size, arena), arena);
    }
  }

  private List<MemorySegment> zeros(List<Port> ports, int size, Arena arena) {
    return ports.stream()
        .map(port ->
            arena.allocate(
                Tensor.byteSize(port.datatype(), port.shape(size, model.hasBatch())), 64))
        .toList();
  }

  private void run(int size, List<MemorySegment> inputs, List<MemorySegment> outputs, Arena arena) {
    Program program = model.program(size);
    PjrtApi api = program.client().api();
    List<MemorySegment> borrowed = new ArrayList<>();
    MemorySegment arguments = arena.allocate(ADDRESS, Math.max(1, inputs.size()));
    MemorySegment results = arena.allocate(ADDRESS, outputs.size());
    try {
      for (int i = 0; i < inputs.size(); i++) {
        MemorySegment lend =
            lend(program.client(), model.inputs().get(i), size, inputs.get(i), arena);
        borrowed.add(lend.get(ADDRESS, FIELDS + 88));
        arguments.setAtIndex(ADDRESS, i, lend.get(ADDRESS, FIELDS + 96));
      }
      execute(program, arguments, inputs.size(), results, arena);
      for (int i = 0; i < outputs.size(); i++) {
        read(
            api,
            results.getAtIndex(ADDRESS, i),
            model.outputs().get(i),
            size,
            outputs.get(i),
            arena);
      }
    } finally {
      for (int i = 0; i < outputs.size(); i++) {
        api.destroy(Function.BUFFER_DESTROY, results.getAtIndex(ADDRESS, i));
      }
      for (int i = 0; i < inputs.size(); i++) {
        api.destroy(Function.BUFFER_DESTROY, arguments.getAtIndex(ADDRESS, i));
      }
      borrowed.forEach(api::await);
    }
  }

  private MemorySegment lend(
      PjrtClient client, Port port, int size, MemorySegment data, Arena arena) {
    Shape shape = port.shape(size, model.hasBatch());
    MemorySegment lend = PjrtApi.struct(arena, client.client());
    lend.set(ADDRESS, FIELDS + 8, data);
    lend.set(JAVA_INT, FIELDS + 16, ElementType.number(port.datatype()));
    lend.set(ADDRESS, FIELDS + 24, arena.allocateFrom(JAVA_LONG, shape.toArray()));
    lend.set(JAVA_LONG, FIELDS + 32, shape.rank());
    lend.set(JAVA_INT, FIELDS + 56, ZERO_COPY);
    lend.set(ADDRESS, FIELDS + 64, client.device());
    client.api().call(Function.CLIENT_BUFFER_FROM_HOST_BUFFER, lend);
    return lend;
  }

  /** Begins a run; results are ready when they have been read. */
  private static void execute(
      Program program, MemorySegment arguments, int count, MemorySegment results, Arena arena) {
    MemorySegment argumentLists = arena.allocate(ADDRESS);
    argumentLists.set(ADDRESS, 0, arguments);
    MemorySegment resultLists = arena.allocate(ADDRESS);
    resultLists.set(ADDRESS, 0, results);
    MemorySegment done = arena.allocate(ADDRESS);
    MemorySegment run = PjrtApi.struct(arena, program.executable());
    run.set(ADDRESS, FIELDS + 8, PjrtApi.struct(arena));
    run.set(ADDRESS, FIELDS + 16, argumentLists);
    run.set(JAVA_LONG, FIELDS + 24, 1);
    run.set(JAVA_LONG, FIELDS + 32, count);
    run.set(ADDRESS, FIELDS + 40, resultLists);
    run.set(ADDRESS, FIELDS + 48, done);
    PjrtApi api = program.client().api();
    api.call(Function.LOADED_EXECUTABLE_EXECUTE, run);
    api.await(done.get(ADDRESS, 0));
  }

  /** Copies a result, row-major, whichever way the device keeps it. */
  private void read(
      PjrtApi api, MemorySegment buffer, Port port, int size, MemorySegment target, Arena arena) {
    int rank = port.shape(size, model.hasBatch()).rank();
    MemorySegment minorToMajor = arena.allocate(JAVA_LONG, Math.max(1, rank));
    for (int i = 0; i < rank; i++) {
      minorToMajor.setAtIndex(JAVA_LONG, i, rank - 1L - i);
    }
    MemorySegment layout = PjrtApi.struct(arena);
    layout.set(JAVA_LONG, FIELDS, 56);
    layout.set(ADDRESS, FIELDS + 16, minorToMajor);
    layout.set(JAVA_LONG, FIELDS + 24, rank);
    MemorySegment read = PjrtApi.struct(arena, buffer);
    read.set(ADDRESS, FIELDS + 8, layout);
    read.set(ADDRESS, FIELDS + 16, target);
    read.set(JAVA_LONG, FIELDS + 24, target.byteSize());
    api.call(Function.BUFFER_TO_HOST_BUFFER, read);
    api.await(read.get(ADDRESS, FIELDS + 32));
  }

  @Override
  public void close() {}
}
