package org.etalon.backends.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.testing.BackendFixture;

/** A SavedModel. */
final class TensorFlowFixture extends BackendFixture {
  TensorFlowFixture(Path directory) {
    super(directory, new TensorFlowBackend());
  }

  /** Loads a graph with a {@code config.pbtxt}. */
  BackendModel load(GraphFile graph, String config) {
    put("model.savedmodel/saved_model.pb", graph.bytes());
    return load(config(config));
  }

  /** Copies a SavedModel into version 1. */
  void copy(Path savedModel) {
    try (Stream<Path> files = Files.walk(savedModel)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        put("model.savedmodel/" + savedModel.relativize(file), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
