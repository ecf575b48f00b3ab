package org.etalon.engine.scheduling;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a model that come from its sequences and not from requests: controls and states;
 * and what the model makes of the states. Immutable.
 *
 * <p>A control has shape {@code [rows, 1]}, {@code [1]} where the model does not batch; a state the
 * shape that its model gave it, behind the rows.
 */
public final class SequenceTensors {
  private final List<SequenceControl> controls;
  private final List<SequenceState> states;
  private final boolean isBatching;

  /**
   * @param states in the order of the configuration
   */
  public SequenceTensors(
      List<SequenceControl> controls, List<SequenceState> states, boolean isBatching) {
    this.controls = List.copyOf(controls);
    this.states = List.copyOf(states);
    this.isBatching = isBatching;
  }

  /** Of a model without sequences. */
  public static SequenceTensors none() {
    return new SequenceTensors(List.of(), List.of(), false);
  }

  /** Marks the outputs that are states as wanted by the engine. */
  void markStates(List<String> outputNames, boolean[] requested) {
    for (int i = 0; i < states.size(); i++) {
      requested[outputNames.indexOf(states.get(i).outputName())] = true;
    }
  }

  /** What each state is before a sequence's first request. */
  List<Tensor> initialStates() {
    return states.stream().map(SequenceState::initial).toList();
  }

  /** True if the engine keeps the model's state, so that a run that failed changed nothing. */
  boolean keepsState() {
    return !states.isEmpty();
  }

  /**
   * As the inputs of that many sequences of one request each, to try a model.
   *
   * @param memory where they lie
   */
  public List<Tensor> trial(int rows, OutputMemory memory) {
    List<Tensor> inputs = new ArrayList<>(controls.size() + states.size());
    for (SequenceControl control : controls) {
      inputs.add(
          control(
              control, rows, row -> new Row(new Sequence.Id.Number(row + 1L), true, true), memory));
    }
    for (SequenceState state : states) {
      List<Tensor> parts = new ArrayList<>(rows);
      for (int row = 0; row < rows; row++) {
        parts.add(state.initial());
      }
      inputs.add(state(state, parts, memory));
    }
    return inputs;
  }

  /**
   * Adds the batch's controls and states to its inputs.
   *
   * @param memory where they lie, until the batch's last response is closed
   */
  void addTo(List<Tensor> inputs, ScheduledBatch batch, OutputMemory memory) {
    int rows = batch.requests().size();
    for (int i = 0; i < controls.size(); i++) {
      inputs.add(control(controls.get(i), rows, row -> row(batch, row), memory));
    }
    for (int i = 0; i < states.size(); i++) {
      SequenceState state = states.get(i);
      List<Tensor> parts = new ArrayList<>(rows);
      Tensor blank = null;
      for (int row = 0; row < rows; row++) {
        LiveSequence sequence = batch.sequences().get(row);
        if (sequence == null) {
          blank = blank == null ? state.blankLike(reference(batch, i)) : blank;
          parts.add(blank);
        } else {
          parts.add(isStart(batch, row) ? state.initial() : sequence.state(i));
        }
      }
      inputs.add(state(state, parts, memory));
    }
  }

  private Tensor reference(ScheduledBatch batch, int state) {
    for (LiveSequence sequence : batch.sequences()) {
      if (sequence != null) {
        return sequence.state(state);
      }
    }
    return states.get(state).initial();
  }

  private static boolean isStart(ScheduledBatch batch, int row) {
    Row its = row(batch, row);
    return its != null && its.isStart;
  }

  /**
   * What stands in one row.
   *
   * @param isStart also where the request that was to start it has been cancelled
   */
  private record Row(Sequence.Id id, boolean isStart, boolean isEnd) {}

  private static @Nullable Row row(ScheduledBatch batch, int row) {
    LiveSequence sequence = batch.sequences().get(row);
    if (sequence == null) {
      return null;
    }
    Sequence place = batch.requests().get(row).request().sequence().orElseThrow();
    return new Row(place.id(), place.isStart() || sequence.isFresh, place.isEnd());
  }

  /** What to write in a row; null for an empty one. */
  private interface Rows {
    @Nullable Row at(int row);
  }

  private Tensor control(SequenceControl control, int rows, Rows source, OutputMemory memory) {
    Shape shape = isBatching ? Shape.of(rows, 1) : Shape.of(1);
    if (control.datatype() == DataType.BYTES) {
      List<byte[]> texts = new ArrayList<>(rows);
      for (int i = 0; i < rows; i++) {
        Row row = source.at(i);
        texts.add(row == null ? new byte[0] : text(row.id).getBytes(StandardCharsets.UTF_8));
      }
      MemorySegment encoded = BytesElements.encode(texts);
      MemorySegment data = memory.allocate(encoded.byteSize());
      data.copyFrom(encoded);
      return new Tensor(control.name(), DataType.BYTES, shape, data);
    }
    long bytes = control.datatype().elementBytes();
    MemorySegment data = memory.allocate(rows * bytes);
    for (int i = 0; i < rows; i++) {
      write(control, source.at(i), data.asSlice(i * bytes, bytes));
    }
    return new Tensor(control.name(), control.datatype(), shape, data);
  }

  private static void write(SequenceControl control, @Nullable Row row, MemorySegment element) {
    switch (control.kind()) {
      case START -> control.writeFlag(element, row != null && row.isStart);
      case END -> control.writeFlag(element, row != null && row.isEnd);
      case READY -> control.writeFlag(element, row != null);
      case CORRELATION_ID -> control.writeNumber(element, row == null ? 0 : number(row.id));
    }
  }

  private static String text(Sequence.Id id) {
    return switch (id) {
      case Sequence.Id.Number(long value) -> Long.toUnsignedString(value);
      case Sequence.Id.Text(String value) -> value;
    };
  }

  private static long number(Sequence.Id id) {
    return switch (id) {
      case Sequence.Id.Number(long value) -> value;
      case Sequence.Id.Text(String value) ->
          throw ServingException.invalid(
              "correlation ID '%s' is a text (expected: a number, which is what the model takes)"
                  .formatted(value));
    };
  }

  private Tensor state(SequenceState state, List<Tensor> parts, OutputMemory memory) {
    long bytes = 0;
    for (int i = 0; i < parts.size(); i++) {
      bytes += parts.get(i).data().byteSize();
    }
    MemorySegment data = memory.allocate(bytes);
    long offset = 0;
    for (int i = 0; i < parts.size(); i++) {
      MemorySegment part = parts.get(i).data();
      MemorySegment.copy(part, 0, data, offset, part.byteSize());
      offset += part.byteSize();
    }
    Shape row = parts.getFirst().shape();
    return new Tensor(
        state.inputName(), state.datatype(), isBatching ? row.prepend(parts.size()) : row, data);
  }

  /**
   * Takes the states that a run gave into its sequences.
   *
   * @param run outputs under the names of the configuration
   */
  void keep(ScheduledBatch batch, Batch run) {
    if (states.isEmpty()) {
      return;
    }
    int rows = batch.requests().size();
    List<List<Tensor>> next = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      next.add(new ArrayList<>(states.size()));
    }
    for (SequenceState state : states) {
      split(state, output(state, run), rows, next);
    }
    for (int row = 0; row < rows; row++) {
      LiveSequence sequence = batch.sequences().get(row);
      if (sequence != null) {
        sequence.keep(next.get(row));
      }
    }
  }

  private static Tensor output(SequenceState state, Batch run) {
    for (int i = 0; i < run.outputCount(); i++) {
      Tensor output = run.output(i);
      if (output != null && output.name().equals(state.outputName())) {
        return output;
      }
    }
    throw new ServingException(
        ErrorCode.INTERNAL, "the model gave no state '%s'".formatted(state.outputName()));
  }

  private void split(SequenceState state, Tensor whole, int rows, List<List<Tensor>> next) {
    if (isBatching && (whole.shape().rank() == 0 || whole.shape().dim(0) != rows)) {
      throw new ServingException(
          ErrorCode.INTERNAL,
          "the model gave state '%s' of shape %s for a batch of %d (expected: the batch as first dimension)"
              .formatted(state.outputName(), whole.shape(), rows));
    }
    Shape shape = isBatching ? whole.shape().withoutFirst() : whole.shape();
    long offset = 0;
    for (int row = 0; row < rows; row++) {
      long end =
          state.datatype().isFixedSize()
              ? offset + whole.data().byteSize() / rows
              : BytesElements.skip(whole.data(), offset, shape.elementCount());
      MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(end - offset)]);
      copy.copyFrom(whole.data().asSlice(offset, end - offset));
      next.get(row).add(new Tensor(state.inputName(), state.datatype(), shape, copy));
      offset = end;
    }
  }
}
