package org.etalon.backends.tensorflow;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.etalon.backends.libraries.LibrarySet;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.backends.libraries.OptionalLibraries;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Runs SavedModels with TensorFlow. Thread-safe; found with {@link java.util.ServiceLoader}.
 *
 * <p>The native library is installed and loaded when a model is first loaded. {@link
 * TensorFlowSettings} says which parameters of a {@code config.pbtxt} are heeded.
 */
public final class TensorFlowBackend implements Backend, OptionalLibraries {
  static final String NAME = "tensorflow";
  private static final String DEFAULT_FILENAME = "model.savedmodel";

  /** Guarded by this. */
  private @Nullable TensorFlowApi api;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> platforms() {
    return Set.of("tensorflow_savedmodel");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(DEFAULT_FILENAME);
  }

  @Override
  public Optional<LibrarySet> libraries() {
    return TensorFlowLibraries.set();
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    String filename =
        config.getDefaultModelFilename().isEmpty()
            ? DEFAULT_FILENAME
            : config.getDefaultModelFilename();
    Path directory = files.file(filename);
    ModelLabel label = new ModelLabel(files.model(), files.version(), directory);
    if (!Files.isRegularFile(directory.resolve("saved_model.pb"))) {
      throw label.invalid(
          "there is no saved_model.pb (expected: a folder written by tf.saved_model.save)");
    }
    TensorFlowSettings settings = TensorFlowSettings.of(config, label);
    SavedModel model = SavedModel.open(api(), label, settings);
    try {
      ByteString metaGraph = model.metaGraph();
      ModelSignature signature = ModelSignature.read(metaGraph, settings.signature(), label);
      ModelConfig completed = ConfigCompletion.complete(label, config, signature);
      return new TensorFlowModel(model, completed, signature);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private synchronized TensorFlowApi api() {
    TensorFlowApi loaded = api;
    if (loaded == null) {
      loaded = TensorFlowApi.load(LibraryStore.ofUser());
      api = loaded;
    }
    return loaded;
  }
}
