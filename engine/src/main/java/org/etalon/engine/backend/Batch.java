package org.etalon.engine.backend;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one or several requests, to be run together. Owned by the thread that runs the
 * instance.
 *
 * <p>Inputs lie off the heap and are valid until {@code execute} returns. Outputs are written into
 * memory that the batch gives ({@link #allocate}), which is reused between batches, or handed over
 * with the memory that the framework made ({@link #handOver}).
 */
public final class Batch {
  private final int rows;
  private final List<Tensor> inputs;
  private final List<String> outputNames;
  private final boolean[] requested;
  private final BatchMemory memory;
  private final List<? extends BatchPart> parts;
  private final @Nullable Tensor[] outputs;

  /** One that tells of no requests. */
  public Batch(
      int rows,
      List<Tensor> inputs,
      List<String> outputNames,
      boolean[] requested,
      BatchMemory memory) {
    this(rows, inputs, outputNames, requested, memory, List.of());
  }

  /**
   * @param rows the batch dimension; 1 for a model that does not batch
   * @param inputs in the order of the configuration, absent optional ones left out, and behind them
   *     what sequences add: controls and states
   * @param outputNames in the order of {@link BatchOutputs}
   * @param requested for each output whether a request asks for it
   * @param memory where outputs are allocated; released by the engine when the last response is
   *     closed
   * @param parts the requests that it is made of, in the order of their rows; borrowed
   */
  public Batch(
      int rows,
      List<Tensor> inputs,
      List<String> outputNames,
      boolean[] requested,
      BatchMemory memory,
      List<? extends BatchPart> parts) {
    this.rows = rows;
    this.inputs = inputs;
    this.outputNames = outputNames;
    this.requested = requested;
    this.memory = memory;
    this.parts = parts;
    this.outputs = new Tensor[requested.length];
  }

  public int rows() {
    return rows;
  }

  /** In the order of the configuration; each shape has the batch first for a model that batches. */
  public List<Tensor> inputs() {
    return inputs;
  }

  /** The requests that it is made of, in the order of their rows; none: that is not told. */
  public List<? extends BatchPart> parts() {
    return parts;
  }

  public String outputName(int output) {
    return outputNames.get(output);
  }

  public int outputCount() {
    return requested.length;
  }

  /** True if some request asks for the output of that index in the configuration. */
  public boolean isRequested(int output) {
    return requested[output];
  }

  /**
   * Memory for an output, 64-byte aligned, whose contents are whatever was there before.
   *
   * @param output its index in the configuration
   * @param shape with the batch first for a model that batches
   * @return exactly as many bytes as the output takes, valid until {@code execute} returns for the
   *     backend
   */
  public MemorySegment allocate(int output, DataType datatype, Shape shape) {
    MemorySegment data = memory.allocate(Tensor.byteSize(datatype, shape));
    outputs[output] = new Tensor(outputNames.get(output), datatype, shape, data);
    return data;
  }

  /**
   * Takes an output that lies in the framework's memory.
   *
   * @param output its index in the configuration
   * @param tensor the output, under any name
   * @param release gives the memory back, from any thread, once no response needs it
   */
  public void handOver(int output, Tensor tensor, Runnable release) {
    memory.onRelease(release);
    outputs[output] = tensor.named(outputNames.get(output));
  }

  /** The output of that index, or null if the backend did not provide it. */
  public @Nullable Tensor output(int output) {
    return outputs[output];
  }
}
