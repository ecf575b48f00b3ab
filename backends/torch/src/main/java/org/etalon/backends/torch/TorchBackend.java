package org.etalon.backends.torch;

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
 * Runs TorchScript models with libtorch. Thread-safe; found with {@link java.util.ServiceLoader}.
 *
 * <p>The native libraries are installed and loaded when a model is first loaded. {@link
 * TorchSettings} says which parameters of a {@code config.pbtxt} are heeded, {@link TensorNames}
 * how tensors are named.
 */
public final class TorchBackend implements Backend, OptionalLibraries {
  static final String NAME = "pytorch";
  private static final String DEFAULT_FILENAME = "model.pt";

  /** Guarded by this. */
  private @Nullable TorchRuntime runtime;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> platforms() {
    return Set.of("pytorch_libtorch");
  }

  @Override
  public List<String> defaultFilenames() {
    return List.of(DEFAULT_FILENAME);
  }

  @Override
  public Optional<LibrarySet> libraries() {
    return TorchLibraries.set();
  }

  /** The processor, and the CUDA devices of a libtorch that has CUDA once that is loaded. */
  @Override
  public synchronized List<Device> devices() {
    return runtime == null ? List.of(Device.CPU) : runtime.devices();
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    String filename =
        config.getDefaultModelFilename().isEmpty()
            ? DEFAULT_FILENAME
            : config.getDefaultModelFilename();
    ModelLabel label = new ModelLabel(files.model(), files.version(), files.file(filename));
    TorchSettings settings = TorchSettings.of(config, label);
    ForwardMethod forward = ScriptArchive.forward(label);
    ModelConfig completed = ConfigCheck.complete(config, forward, label);
    return TorchModel.load(runtime(), label, completed, forward, settings);
  }

  private synchronized TorchRuntime runtime() {
    TorchRuntime loaded = runtime;
    if (loaded == null) {
      loaded = TorchRuntime.load(LibraryStore.ofUser());
      runtime = loaded;
    }
    return loaded;
  }
}
