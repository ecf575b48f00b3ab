package org.etalon.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Map;

/**
 * ONNX Runtime alone, at its best on one thread: tensors made once over memory that is used again.
 * What is left besides the network is the copy of the rows in and of the scores out.
 */
final class PinnedLoop implements Way {
  private final Dataset data;
  private final int batchSize;
  private final OrtSession session;
  private final FloatBuffer rows;
  private final FloatBuffer scores;
  private final OnnxTensor input;
  private final OnnxTensor output;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  PinnedLoop(Path model, Dataset data, int batchSize) throws OrtException {
    if (data.rows() < batchSize) {
      throw new IllegalArgumentException(
          "rows: %d (expected: at least a batch, %d)".formatted(data.rows(), batchSize));
    }
    this.data = data;
    this.batchSize = batchSize;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    this.session = SingleThread.session(environment, model);
    this.rows = floats(batchSize * Dataset.WIDTH);
    this.scores = floats(batchSize);
    this.input = OnnxTensor.createTensor(environment, rows, new long[] {batchSize, Dataset.WIDTH});
    this.output = OnnxTensor.createTensor(environment, scores, new long[] {batchSize, 1});
    this.inputs = Map.of("x", input);
    this.outputs = Map.of("y", output);
  }

  private static FloatBuffer floats(int count) {
    return ByteBuffer.allocateDirect(count * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  @Override
  public String name() {
    return "ONNX Runtime alone, batch " + batchSize;
  }

  @Override
  public float[] pass() throws OrtException {
    float[] all = new float[data.rows()];
    int rowValues = batchSize * Dataset.WIDTH;
    for (int next = 0; next < all.length; next += batchSize) {
      int row = Math.min(next, all.length - batchSize); // the last batch is full too
      rows.put(0, data.values(), row * Dataset.WIDTH, rowValues);
      session.run(inputs, outputs).close();
      scores.get(0, all, row, batchSize);
    }
    return all;
  }

  @Override
  public void close() throws OrtException {
    input.close();
    output.close();
    session.close();
  }
}
