package org.etalon.backends.onnx;

import java.nio.file.Path;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.testing.BackendFixture;

/** An ONNX model. */
final class OnnxFixture extends BackendFixture {
  OnnxFixture(Path directory) {
    super(directory, new OnnxBackend());
  }

  /** Loads a model of the test resources with a {@code config.pbtxt}. */
  BackendModel load(String resource, String config) {
    put("model.onnx", resource(resource + ".onnx"));
    return load(config(config));
  }
}
