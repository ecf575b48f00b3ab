package org.etalon.benchmarks;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;

/** Sessions that compute on the thread that calls them, as Etalon's instances do. */
final class SingleThread {
  private SingleThread() {}

  static OrtSession session(OrtEnvironment environment, Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      return environment.createSession(model.toString(), options);
    }
  }
}
