package org.etalon.engine.worker;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.inference.InferenceService;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Runs the models of another backend in worker processes, one an instance. Nothing of the model is
 * loaded into this process. Used for one version of a model.
 */
public final class ApartBackend implements Backend {
  private final Backend backend;
  private final WorkerCommand command;
  private final WorkerSettings settings;
  private final Optional<InferenceService> models;
  private List<Device> devices = List.of(Device.CPU);

  public ApartBackend(Backend backend, WorkerSettings settings) {
    this(backend, WorkerCommand.of(backend), settings, Optional.empty());
  }

  /**
   * @param backend gives names and files
   * @param command starts what loads and runs them
   * @param models that they may ask while they run
   */
  public ApartBackend(
      Backend backend,
      WorkerCommand command,
      WorkerSettings settings,
      Optional<InferenceService> models) {
    this.models = models;
    this.backend = backend;
    this.command = command;
    this.settings = settings;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public Set<String> platforms() {
    return backend.platforms();
  }

  @Override
  public List<String> defaultFilenames() {
    return backend.defaultFilenames();
  }

  /** Those that the worker process sees, once a model is loaded. */
  @Override
  public List<Device> devices() {
    return devices;
  }

  @Override
  public BackendModel load(ModelFiles files, ModelConfig config) {
    ApartModel model = ApartModel.load(command, settings, models, files, config);
    devices = model.devices();
    return model;
  }
}
