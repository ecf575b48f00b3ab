package org.etalon.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** ONNX Runtime's Java API as one first writes it: a new tensor a batch, the default session. */
final class NaiveLoop implements Way {
  private final Dataset data;
  private final int batchSize;
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  NaiveLoop(Path model, Dataset data, int batchSize) throws OrtException {
    this.data = data;
    this.batchSize = batchSize;
    this.session = environment.createSession(model.toString());
  }

  @Override
  public String name() {
    return "naive loop";
  }

  @Override
  public float[] pass() throws OrtException {
    float[] scores = new float[data.rows()];
    run(environment, session, data, batchSize, 0, data.rows(), scores);
    return scores;
  }

  /** Asks for some of the rows, batch by batch. */
  static void run(
      OrtEnvironment environment,
      OrtSession session,
      Dataset data,
      int batchSize,
      int first,
      int end,
      float[] scores)
      throws OrtException {
    for (int row = first; row < end; row += batchSize) {
      int count = Math.min(batchSize, end - row);
      float[][] batch = new float[count][];
      for (int i = 0; i < count; i++) {
        int from = (row + i) * Dataset.WIDTH;
        batch[i] = Arrays.copyOfRange(data.values(), from, from + Dataset.WIDTH);
      }
      try (OnnxTensor input = OnnxTensor.createTensor(environment, batch);
          OrtSession.Result result = session.run(Map.of("x", input))) {
        float[][] output = (float[][]) result.get(0).getValue();
        for (int i = 0; i < count; i++) {
          scores[row + i] = output[i][0];
        }
      }
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
