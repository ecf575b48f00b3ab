package org.etalon.backends.streaming;

import java.util.List;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.protocol.proto.ModelConfig;

/** Runs operators on streams. Thread-safe; found with {@link java.util.ServiceLoader}. */
public final class StreamingBackend implements Backend {
  static final String NAME = "streaming";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Set<String> platforms() {
    return Set.of(NAME);
  }

  /** None: a model of this backend is its configuration. */
  @Override
  public List<String> defaultFilenames() {
    return List.of();
  }

  @Override
  public List<Device> devices() {
    return List.of(Device.CPU);
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    OperatorSettings settings = new OperatorSettings(files.model(), config);
    OperatorKind kind = OperatorKind.of(settings);
    Operator.Signature signature = kind.open(settings).signature();
    settings.requireNothingElse();
    return new StreamingModel(
        files.model(), kind, settings, ConfigCompletion.complete(files.model(), config, signature));
  }
}
