package org.etalon.backends.torch;

import java.nio.file.Path;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.testing.BackendFixture;

/** A TorchScript model. */
final class TorchFixture extends BackendFixture {
  TorchFixture(Path directory) {
    super(directory, new TorchBackend());
  }

  /** Loads a module that consists of one method, with a {@code config.pbtxt}. */
  BackendModel loadScript(String forward, String config) {
    put("model.pt", ScriptFile.of(forward));
    return load(config(config));
  }
}
