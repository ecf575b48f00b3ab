package org.etalon.backends.streaming;

import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.protocol.proto.ModelConfig;

/** An operator with its settings, of which each stream has one of its own. Thread-safe. */
final class StreamingModel implements BackendModel {
  private final String model;
  private final OperatorKind kind;
  private final OperatorSettings settings;
  private final ModelConfig config;

  StreamingModel(String model, OperatorKind kind, OperatorSettings settings, ModelConfig config) {
    this.model = model;
    this.kind = kind;
    this.settings = settings;
    this.config = config;
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  /** A step takes microseconds; a change of threads would take longer. */
  @Override
  public boolean runsInline() {
    return true;
  }

  @Override
  public ModelInstance newInstance(Device device) {
    return new StreamingInstance(model, kind.open(settings), config);
  }

  @Override
  public void close() {}
}
