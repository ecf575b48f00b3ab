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

/** A network in ONNX Runtime alone, on one thread: what all else is compared with. */
final class NetworkAlone {
  private static final double SECONDS = 0.8;

  private NetworkAlone() {}

  /**
   * Wall time of a row in microseconds, the tensor made once.
   *
   * @param shape with the rows of a run first
   */
  static double microsPerRow(Path file, String input, long[] shape) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int size = 1;
    for (long dim : shape) {
      size = Math.multiplyExact(size, Math.toIntExact(dim));
    }
    FloatBuffer zeros =
        ByteBuffer.allocateDirect(size * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      try (OrtSession session = environment.createSession(file.toString(), options);
          OnnxTensor tensor = OnnxTensor.createTensor(environment, zeros, shape)) {
        Map<String, OnnxTensor> inputs = Map.of(input, tensor);
        session.run(inputs).close();
        int runs = 0;
        long start = System.nanoTime();
        while (System.nanoTime() - start < SECONDS * 1e9) {
          session.run(inputs).close();
          runs++;
        }
        return (System.nanoTime() - start) / 1e3 / runs / shape[0];
      }
    }
  }
}
