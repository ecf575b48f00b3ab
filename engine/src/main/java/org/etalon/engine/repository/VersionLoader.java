package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.config.ConfigFault;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.ModelConfigRules;
import org.etalon.engine.config.ParsedConfig;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.engine.scheduling.EnsembleMembers;
import org.etalon.engine.scheduling.SequenceConfig;
import org.etalon.engine.scheduling.SequenceTensors;
import org.etalon.engine.scheduling.ServedVersion;
import org.etalon.engine.scheduling.SharedServices;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.engine.worker.ApartBackend;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelConfig.SchedulingChoiceCase;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelInstanceGroup.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads one version up to where it can answer requests. Thread-safe. */
final class VersionLoader {
  private static final Logger LOG = LoggerFactory.getLogger(VersionLoader.class);
  private static final String ENSEMBLE = "ensemble";

  private final BackendChoice backends;
  private final EngineConfig settings;
  private final EnsembleMembers members;
  private final SharedServices shared;

  /**
   * @param members where ensembles find the models of their steps
   */
  VersionLoader(
      List<Backend> backends,
      EngineConfig settings,
      EnsembleMembers members,
      SharedServices shared) {
    this.shared = shared;
    this.backends = new BackendChoice(backends);
    this.settings = settings;
    this.members = members;
  }

  /**
   * Loads, warms up and checks a version.
   *
   * @throws ServingException why it cannot be served; nothing of it stays in memory
   */
  @SuppressWarnings("CatchingUnchecked") // a backend's fault, whatever it is, is its model's alone
  VersionGate open(ModelDirectory directory, ParsedConfig parsed, long version) {
    String name = directory.name();
    long begun = System.nanoTime();
    try {
      ServedVersion served = load(directory, parsed, version);
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      served.loadedIn(took);
      LOG.info("model {} version {} is ready, loaded in {} ms", name, version, took.toMillis());
      return new VersionGate(served, directory.versionFingerprints().getOrDefault(version, ""));
    } catch (ServingException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | LinkageError | StackOverflowError e) {
      LOG.error("model {} version {} was not loaded", name, version, e);
      throw ServingException.internal(e.toString(), e);
    }
  }

  private ServedVersion load(ModelDirectory directory, ParsedConfig parsed, long version) {
    Path versionDirectory = directory.versions().get(version);
    if (versionDirectory == null) {
      throw ServingException.invalid(
          "there is no folder '%d' in %s (versions there: %s)"
              .formatted(version, directory.path(), directory.versions().keySet()));
    }
    ModelFiles files =
        new ModelFiles(directory.name(), version, directory.path(), versionDirectory);
    return parsed.config().hasEnsembleScheduling()
        ? loadEnsemble(files, parsed)
        : load(files, parsed);
  }

  private ServedVersion loadEnsemble(ModelFiles files, ParsedConfig parsed) {
    ModelConfig written =
        parsed.config().toBuilder().setName(files.model()).setPlatform(ENSEMBLE).build();
    List<ConfigFault> faults = ModelConfigRules.checkCompleted(parsed, written);
    if (!faults.isEmpty()) {
      throw ConfigFault.refusal(faults);
    }
    ModelConfig config = ModelConfigRules.complete(written, List.of(Device.CPU));
    ServedVersion served =
        ServedVersion.openEnsemble(
            files.model(),
            files.version(),
            config,
            members,
            LabelFiles.read(config, files),
            shared);
    try {
      if (!served.config().getModelTransactionPolicy().getDecoupled()) {
        EnsembleTrial.run(served, files); // a decoupled model's answers follow no reference
      } else if (config.getModelWarmupCount() > 0) {
        throw ServingException.invalid(
            "ensemble '%s': model_warmup: not supported where a step is decoupled (remedy: warm up its members)"
                .formatted(files.model()));
      }
    } catch (RuntimeException e) {
      served.close();
      throw e;
    }
    return served;
  }

  private ServedVersion load(ModelFiles files, ParsedConfig parsed) {
    Checksums.check(parsed.config(), files);
    Backend installed = backends.of(files.model(), parsed.config(), files.versionDirectory());
    checkOrigin(parsed.config(), installed, files);
    Backend backend =
        WorkerSettings.asked(parsed.config())
            .<Backend>map(settings -> new ApartBackend(installed, settings))
            .orElse(installed);
    BackendModel model = backend.load(files, given(files.model(), backend, parsed.config()));
    ModelConfig config;
    ProvenModel proven;
    SequenceTensors sequences;
    Map<String, List<String>> labels;
    try {
      config = completed(parsed, model.config(), backend);
      checkDecoupled(model, config);
      sequences = SequenceConfig.tensors(config, InitialStates.read(config, files));
      labels = LabelFiles.read(config, files);
      proven = new ProvenModel(model, config, files, sequences);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    return ServedVersion.open(
        files.model(),
        files.version(),
        proven,
        config,
        backend.devices(),
        sequences,
        labels,
        shared);
  }

  private static void checkDecoupled(BackendModel model, ModelConfig config) {
    if (config.getModelTransactionPolicy().getDecoupled() && !model.canBeDecoupled()) {
      throw ServingException.invalid(
          "model '%s': model_transaction_policy.decoupled: backend '%s' gives one answer a request (expected: a model that gives any number)"
              .formatted(config.getName(), config.getBackend()));
    }
  }

  /**
   * Libraries and models that are code: whoever may write to a repository may bring them, and
   * nobody else, such as a client that sends a model's files.
   *
   * @throws ServingException INVALID_ARGUMENT if there are some and the model comes from elsewhere
   */
  private void checkOrigin(ModelConfig config, Backend backend, ModelFiles files) {
    List<String> libraries = NativeLibraries.of(config);
    if (libraries.isEmpty() && !backend.runsCode()) {
      return;
    }
    Path folder = files.modelDirectory().toAbsolutePath().normalize();
    for (Path repository : settings.repositories()) {
      if (folder.startsWith(realPath(repository))) {
        return;
      }
    }
    if (backend.runsCode()) {
      throw ServingException.invalid(
          "model '%s': backend '%s' runs code, which comes with the request (expected: a model in the repository)"
              .formatted(files.model(), backend.name()));
    }
    throw ServingException.invalid(
        "model '%s': the libraries %s come with the request (expected: libraries in the repository)"
            .formatted(files.model(), libraries));
  }

  private static Path realPath(Path repository) {
    try {
      return repository.toRealPath();
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE, "repository %s: %s".formatted(repository, e), e);
    }
  }

  /** What the backend is given: as written, with the names that go without saying. */
  private static ModelConfig given(String model, Backend backend, ModelConfig written) {
    ModelConfig.Builder given = written.toBuilder().setName(model).setBackend(backend.name());
    return given.build();
  }

  private ModelConfig completed(ParsedConfig parsed, ModelConfig fromBackend, Backend backend) {
    ModelConfig.Builder config = fromBackend.toBuilder();
    boolean isAnyBatchAllowed =
        parsed.config().getMaxBatchSize() == 0 && fromBackend.getMaxBatchSize() == 1;
    if (isAnyBatchAllowed) {
      config.setMaxBatchSize(settings.defaultMaxBatchSize());
      if (config.getSchedulingChoiceCase() == SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET) {
        config.setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
      }
    }
    if (config.getPlatform().isEmpty()) {
      backend.platforms().stream().min(String::compareTo).ifPresent(config::setPlatform);
    }
    if (!settings.placement().isEmpty()) {
      config.clearInstanceGroup();
      settings.placement().forEach(device -> config.addInstanceGroup(group(device)));
    }
    ModelConfig completed = config.build();
    List<ConfigFault> faults = ModelConfigRules.checkCompleted(parsed, completed);
    if (!faults.isEmpty()) {
      throw ConfigFault.refusal(faults);
    }
    return ModelConfigRules.complete(completed, backend.devices());
  }

  private static ModelInstanceGroup group(Device device) {
    return switch (device.kind()) {
      case CPU -> ModelInstanceGroup.newBuilder().setKind(Kind.KIND_CPU).build();
      case CUDA ->
          ModelInstanceGroup.newBuilder().setKind(Kind.KIND_GPU).addGpus(device.index()).build();
    };
  }
}
