package org.etalon.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.Device;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.repository.ModelRepository;
import org.etalon.engine.repository.RemoteRepository;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.ServedVersion;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the models of one or more repositories inside this process. Thread-safe. */
public final class Engine implements InferenceService {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final Duration MIN_CLOSING_TIME = Duration.ofSeconds(1);

  private final EngineConfig config;
  private final List<Backend> backends;
  private final ModelRepository repository;

  /** Done when all in flight is answered; null until a shutdown begins. */
  private final AtomicReference<@Nullable CompletableFuture<Void>> drained =
      new AtomicReference<>();

  private final AtomicReference<@Nullable CompletableFuture<Void>> closed = new AtomicReference<>();

  private Engine(EngineConfig config, List<Backend> backends, ModelRepository repository) {
    this.config = config;
    this.backends = List.copyOf(backends);
    this.repository = repository;
  }

  /**
   * Opens the repositories and loads models as {@code config.control()} says, side by side; returns
   * when each of them is ready or has failed. A model that fails does not stop the others: see
   * {@link #index}. Of two models of one name neither is loaded.
   *
   * @param backends closed with the engine, but not if it cannot be started
   * @throws ServingException UNAVAILABLE if a repository cannot be read
   */
  public static Engine start(EngineConfig config, List<Backend> backends) {
    return start(config, List.of(), backends);
  }

  /**
   * The same with repositories that lie elsewhere.
   *
   * @param remotes whose folders are among {@code config.repositories()}; closed as backends are
   */
  public static Engine start(
      EngineConfig config, List<RemoteRepository> remotes, List<Backend> backends) {
    ModelRepository repository = ModelRepository.open(config, remotes, backends);
    Engine engine = new Engine(config, backends, repository);
    backends.forEach(backend -> backend.connect(engine));
    repository.start();
    return engine;
  }

  /** All backends that {@link ServiceLoader} finds. */
  public static List<Backend> installedBackends() {
    return ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  @Override
  public ModelMetadata metadata(ModelId model) {
    ServedVersion served = repository.served(model);
    return new ModelMetadata(
        served.name(),
        repository.versions(served.name()),
        served.config().getPlatform(),
        served.inputs(),
        served.outputs());
  }

  /** The completed configuration a version is served with. Errors as {@link #metadata}. */
  public ModelConfig config(ModelId model) {
    return repository.served(model).config();
  }

  /**
   * The names of an output's classes, by index; none where the configuration has no labels, or the
   * version serves no more.
   */
  public List<String> labels(String model, long version, String output) {
    return repository
        .find(new ModelId(model, OptionalLong.of(version)))
        .map(served -> served.labels(output))
        .orElse(List.of());
  }

  /** True if the first dimension of the model's tensors is the batch. */
  public boolean isBatching(String model, long version) {
    return repository
        .find(new ModelId(model, OptionalLong.of(version)))
        .map(served -> served.config().getMaxBatchSize() > 0)
        .orElse(false);
  }

  /** True if the model answers a request any number of times; false if it is not ready. */
  public boolean isDecoupled(ModelId model) {
    return repository.isReady(model)
        && repository.served(model).config().getModelTransactionPolicy().getDecoupled();
  }

  /** Fails with UNIMPLEMENTED for a {@linkplain #isDecoupled decoupled} model. */
  @Override
  public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
    InferenceFuture answer = new InferenceFuture();
    answer.follow(submit(request, answer));
    return answer;
  }

  /** Asks a model; every outcome, also an invalid request, goes to the handler. */
  public InferenceCall submit(InferenceRequest request, ResponseHandler handler) {
    return repository.submit(request, handler);
  }

  /** True until {@link #close} begins. */
  public boolean isLive() {
    return closed.get() == null;
  }

  /**
   * True when every model asked for at start, or loaded since and not unloaded, is ready (whatever
   * they are where readiness is not strict), and no shutdown has begun. A model whose replacement
   * failed is ready while the old version serves.
   */
  public boolean isReady() {
    return repository.isReady();
  }

  /** True if a request to that model, and version if it names one, would be taken. */
  public boolean isReady(ModelId model) {
    return repository.isReady(model);
  }

  /** Every model of the repositories, by name then version. */
  public List<ModelIndexEntry> index() {
    return repository.index();
  }

  /**
   * Loads a model, or loads it anew if its files or configuration changed (the old versions serve
   * until the new are ready, and go on if they fail).
   *
   * @return done when it is ready; else with a ServingException in the protocol's words
   */
  public CompletableFuture<Void> load(String model) {
    return repository.load(model);
  }

  /**
   * Loads a model from what is given, this once: a plain load goes back to its folder. The old
   * versions serve until the new are ready, and go on if they fail.
   *
   * @return as {@link #load(String)}
   */
  public CompletableFuture<Void> load(String model, LoadOverride override) {
    return repository.load(model, override);
  }

  /**
   * Takes a model out: no new requests; those in flight finish; then its memory is given back.
   * Returns once accepted.
   *
   * @param withDependents of an ensemble: also the members that were loaded for it alone
   * @throws ServingException UNAVAILABLE unless models are controlled explicitly, NOT_FOUND if
   *     there is no such model
   */
  public void unload(String model, boolean withDependents) {
    repository.unload(model, withDependents);
  }

  /**
   * What models have done. Empty arguments: all models, all versions.
   *
   * @throws ServingException INVALID_ARGUMENT {@code requested model 'x' is not available}
   */
  public List<ModelStatistics> statistics(Optional<String> model, OptionalLong version) {
    List<ModelStatistics> statistics =
        repository
            .allServed()
            .filter(served -> model.isEmpty() || served.name().equals(model.get()))
            .filter(served -> version.isEmpty() || served.version() == version.getAsLong())
            .map(ServedVersion::statistics)
            .toList();
    if (statistics.isEmpty() && model.isPresent()) {
      throw ServingException.invalid(
          version.isPresent()
              ? "requested model '%s' version %d is not available"
                  .formatted(model.get(), version.getAsLong())
              : "requested model '%s' is not available".formatted(model.get()));
    }
    return statistics;
  }

  /** Where all versions run, one entry an instance. */
  public List<InstanceStatus> instances() {
    return repository.allServed().flatMap(served -> served.instances().stream()).toList();
  }

  /** Devices that some backend can use. */
  public List<Device> devices() {
    return backends.stream().map(Backend::devices).flatMap(Collection::stream).distinct().toList();
  }

  /**
   * Looks at the repositories now, as polling does after its interval; done when what has changed
   * is loaded or has failed.
   */
  CompletableFuture<Void> look() {
    return repository.look();
  }

  /**
   * Not ready from now on: no new work is taken; done when all in flight is answered or the grace
   * time is over.
   */
  public CompletableFuture<Void> drain() {
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> earlier = drained.compareAndExchange(null, mine);
    if (earlier != null) {
      return earlier;
    }
    var _ = repository.drain(config.shutdownGrace()).whenComplete((_, _) -> mine.complete(null));
    return mine;
  }

  /** Lets requests in flight finish within the grace time, then gives all memory back. */
  @Override
  public void close() {
    CompletableFuture<Void> closing = new CompletableFuture<>();
    CompletableFuture<Void> earlier = closed.compareAndExchange(null, closing);
    if (earlier != null) {
      earlier.join();
      return;
    }
    try {
      drain().join();
      if (repository.close(closingTime())) {
        backends.forEach(Backend::close);
      } else {
        // Closing a backend under a running model could take the process down with it.
        LOG.warn("models still run after the grace time; their backends are left open");
      }
    } finally {
      closing.complete(null);
    }
  }

  /** Giving memory back takes time of its own, also where requests get none. */
  private Duration closingTime() {
    Duration grace = config.shutdownGrace();
    return grace.compareTo(MIN_CLOSING_TIME) > 0 ? grace : MIN_CLOSING_TIME;
  }
}
