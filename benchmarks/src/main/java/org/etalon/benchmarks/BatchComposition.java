package org.etalon.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/**
 * Whether a row's answer depends on how many rows share its batch, and by how much: a model with
 * one input and one output of FP32, at one batch size after another, against single rows.
 */
public final class BatchComposition {
  private static final int[] BATCH_SIZES = {2, 3, 4, 5, 7, 8, 13, 16, 24, 31, 64, 100, 256, 512};
  private static final int VALUES = 1 << 21;

  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String input;
  private final long[] shape;
  private final int rowValues;
  private final float[] values;

  private BatchComposition(OrtSession session) throws OrtException {
    this.session = session;
    var only = session.getInputInfo().entrySet().iterator().next();
    this.input = only.getKey();
    this.shape = ((TensorInfo) only.getValue().getInfo()).getShape();
    this.rowValues = Math.toIntExact(Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact));
    this.values = new float[VALUES / rowValues * rowValues];
    Random random = new Random(20150914);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
  }

  /**
   * @param arguments model files
   */
  public static void main(String[] arguments) throws OrtException {
    System.out.println("| Model | batch | rows | values that differ | largest difference |");
    System.out.println("|---|--:|--:|--:|--:|");
    for (String file : arguments) {
      try (OrtSession session =
          SingleThread.session(OrtEnvironment.getEnvironment(), Path.of(file))) {
        new BatchComposition(session).compare(file);
      }
    }
  }

  private void compare(String model) throws OrtException {
    float[] alone = answers(1);
    for (int batchSize : BATCH_SIZES) {
      float[] together = answers(batchSize);
      int differing = 0;
      float largest = 0;
      for (int i = 0; i < alone.length; i++) {
        differing += alone[i] == together[i] ? 0 : 1;
        largest = Math.max(largest, Math.abs(alone[i] - together[i]));
      }
      System.out.printf(
          "| %s | %d | %,d | %,d | %.1e |%n",
          model, batchSize, values.length / rowValues, differing, largest);
    }
  }

  private float[] answers(int batchSize) throws OrtException {
    int rows = values.length / rowValues;
    float[] answers = new float[0];
    for (int row = 0; row < rows; row += batchSize) {
      int count = Math.min(batchSize, rows - row);
      float[] answer = ask(row, count);
      if (row == 0) {
        answers = new float[answer.length / count * rows];
      }
      System.arraycopy(answer, 0, answers, answer.length / count * row, answer.length);
    }
    return answers;
  }

  private float[] ask(int row, int count) throws OrtException {
    long[] batchShape = shape.clone();
    batchShape[0] = count;
    FloatBuffer rows = FloatBuffer.wrap(values, row * rowValues, count * rowValues).slice();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, rows, batchShape);
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      FloatBuffer answer = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] copy = new float[answer.remaining()];
      answer.get(copy);
      return copy;
    }
  }
}
