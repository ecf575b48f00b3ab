package org.etalon.engine.repository;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.repository.RepositoryFolders.Location;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.ServedVersion;
import org.etalon.engine.scheduling.SharedServices;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All models of an engine: which there are, which serve, and how they come and go. Thread-safe. */
public final class ModelRepository {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRepository.class);
  private static final String ALL_MODELS = "*";

  private final EngineConfig config;
  private final RepositoryFolders folders;
  private final SharedServices shared;
  private final VersionLoader loader;
  private final ExecutorService executor;
  private final RepositoryPoller poller;
  private final OverrideFolders overrides = new OverrideFolders();
  private final ConcurrentNavigableMap<String, RepositoryModel> models =
      new ConcurrentSkipListMap<>();
  private final VersionRouter router = new VersionRouter(models);

  private ModelRepository(
      EngineConfig config, List<RemoteRepository> remotes, List<Backend> backends) {
    this.config = config;
    this.folders =
        new RepositoryFolders(
            config.repositories(),
            List.copyOf(remotes),
            name -> model(name).published().serving().keySet());
    this.shared = SharedServices.of(config);
    this.loader = new VersionLoader(backends, config, router::member, shared);
    AtomicInteger count = new AtomicInteger();
    this.executor =
        Executors.newFixedThreadPool(
            config.loaderThreads(),
            task ->
                Thread.ofPlatform()
                    .name("etalon-load-" + count.getAndIncrement())
                    .daemon()
                    .unstarted(task));
    this.poller = new RepositoryPoller(folders, models, this::model);
  }

  /**
   * One in which nothing is loaded yet.
   *
   * @param remotes whose folders are among the configuration's; closed with this
   */
  public static ModelRepository open(
      EngineConfig config, List<RemoteRepository> remotes, List<Backend> backends) {
    return new ModelRepository(config, remotes, backends);
  }

  /**
   * Loads what is to be served at start, models side by side; returns when each is ready or has
   * failed.
   *
   * @throws ServingException UNAVAILABLE if a repository cannot be read
   */
  public void start() {
    try {
      loadAtStart();
    } catch (RuntimeException e) {
      executor.shutdownNow();
      shared.close();
      throw e;
    }
    if (config.control() == ModelControl.POLL) {
      poller.start(config.pollInterval());
    }
  }

  private void loadAtStart() {
    SortedMap<String, List<Location>> present = folders.list();
    boolean isAll =
        config.control() != ModelControl.EXPLICIT || config.startupModels().contains(ALL_MODELS);
    Collection<String> names =
        isAll
            ? present.keySet()
            : config.startupModels().stream().filter(name -> !name.equals(ALL_MODELS)).toList();
    present.keySet().forEach(this::model);
    LoadOrder order = new LoadOrder(present, this::model);
    for (String name : names) {
      model(name).wantByName();
      order.addWithMembers(name);
    }
    // Why one failed is in the index; the others' work goes on.
    order.loadAll().join();
  }

  private RepositoryModel model(String name) {
    return models.computeIfAbsent(
        name, _ -> new RepositoryModel(name, loader, executor, folders::forget));
  }

  /**
   * Loads a model, or loads it anew if its folder has changed; with an ensemble those of its
   * members that are not loaded.
   *
   * @return done when it is ready; else with the ServingException that says why not
   */
  public CompletableFuture<Void> load(String name) {
    SortedMap<String, List<Location>> present;
    try {
      checkExplicit();
      checkName(name);
      present = folders.list();
      if (!present.containsKey(name) && !models.containsKey(name)) {
        throw new ServingException(ErrorCode.INTERNAL, RepositoryFolders.unpolled(name));
      }
    } catch (ServingException e) {
      return CompletableFuture.failedFuture(e);
    }
    model(name).wantByName();
    LoadOrder order = new LoadOrder(present, this::model);
    order.addWithMembers(name);
    return order
        .load(name)
        .whenComplete((_, _) -> overrides.forget(name))
        .exceptionallyCompose(fault -> CompletableFuture.failedFuture(LoadFaults.cause(fault)));
  }

  /**
   * Loads a model from what a client sent, until it is loaded otherwise.
   *
   * @return done when it is ready; else with the ServingException that says why not
   */
  public CompletableFuture<Void> load(String name, LoadOverride override) {
    SortedMap<String, List<Location>> present;
    try {
      checkExplicit();
      checkName(name);
      present = folders.list();
    } catch (ServingException e) {
      return CompletableFuture.failedFuture(e);
    }
    List<Location> locations = present.get(name);
    model(name).wantByName();
    LoadOrder order = new LoadOrder(present, this::model);
    order.addWithMembers(
        name,
        () ->
            overrides.open(
                name,
                override,
                locations == null
                    ? Optional.empty()
                    : Optional.of(RepositoryFolders.open(name, locations))),
        LoadOrder.membersOf(override.config()));
    return order
        .load(name)
        .exceptionallyCompose(fault -> CompletableFuture.failedFuture(LoadFaults.cause(fault)));
  }

  /**
   * Takes a model out; returns once that is under way.
   *
   * @param withDependents also the members that were loaded for it alone
   * @throws ServingException NOT_FOUND if no such model was ever seen
   */
  public void unload(String name, boolean withDependents) {
    checkExplicit();
    checkName(name);
    RepositoryModel model = models.get(name);
    if (model == null) {
      if (!folders.list().containsKey(name)) {
        throw VersionRouter.unknown(name);
      }
      return;
    }
    Collection<String> members = withDependents ? model.members() : List.of();
    var _ = model.unload().whenComplete((_, _) -> overrides.forget(name));
    members.forEach(this::unloadUnlessWanted);
  }

  /** A member stays if it was asked for by name, or another ensemble needs it. */
  private void unloadUnlessWanted(String name) {
    RepositoryModel member = models.get(name);
    boolean isNeeded =
        models.values().stream()
            .anyMatch(other -> other.isWanted() && other.members().contains(name));
    if (member != null && member.isMemberOnly() && !isNeeded) {
      Collection<String> members = member.members();
      var _ = member.unload();
      members.forEach(this::unloadUnlessWanted);
    }
  }

  private void checkExplicit() {
    if (router.isClosed()) {
      throw ServingException.unavailable("the service is shutting down");
    }
    if (config.control() != ModelControl.EXPLICIT) {
      throw ServingException.unavailable(
          "explicit model load / unload is not allowed if polling is enabled");
    }
  }

  private static void checkName(String name) {
    if (name.isEmpty()) {
      throw ServingException.invalid(
          "Model name cannot be empty. Please enter a valid name to deploy.");
    }
    if (name.contains("/") || name.contains("\\") || name.equals(".") || name.equals("..")) {
      throw ServingException.invalid(
          "failed to load '%s', model name must not contain path traversal characters"
              .formatted(name));
    }
  }

  /** Asks the version meant; every outcome goes to the handler. */
  public InferenceCall submit(InferenceRequest request, ResponseHandler handler) {
    return router.submit(request, handler);
  }

  /**
   * The version meant.
   *
   * @throws ServingException NOT_FOUND if there is no such model or version, UNAVAILABLE if it is
   *     not ready
   */
  public ServedVersion served(ModelId id) {
    return router.gate(id).served();
  }

  /** The version of that model and number, if it serves. */
  public Optional<ServedVersion> find(ModelId id) {
    return router.find(id);
  }

  /** The versions of a model that are ready, ascending; none for an unknown model. */
  public List<Long> versions(String name) {
    RepositoryModel model = models.get(name);
    return model == null ? List.of() : List.copyOf(model.published().serving().keySet());
  }

  /** All versions that are ready, by model then version. */
  public Stream<ServedVersion> allServed() {
    return models.values().stream()
        .flatMap(model -> model.published().serving().values().stream())
        .map(VersionGate::served);
  }

  /** True if every model asked for serves, and no shutdown has begun. */
  public boolean isReady() {
    return !router.isClosed()
        && (!config.isStrictlyReady()
            || models.values().stream().allMatch(model -> !model.isWanted() || model.isReady()));
  }

  /** True if that model, and the version named, takes requests. */
  public boolean isReady(ModelId id) {
    RepositoryModel model = models.get(id.name());
    if (model == null || router.isClosed()) {
      return false;
    }
    return id.version().isPresent() ? model.isReady(id.version().getAsLong()) : model.isReady();
  }

  /** Every model of the folders, and every one that was there before, by name then version. */
  public List<ModelIndexEntry> index() {
    if (config.control() == ModelControl.EXPLICIT && !router.isClosed()) {
      lookForOthers();
    }
    List<ModelIndexEntry> index = new ArrayList<>();
    models.values().forEach(model -> index.addAll(model.index()));
    return index;
  }

  /** What is loaded is told also while a repository cannot be read. */
  private void lookForOthers() {
    try {
      folders.list().keySet().forEach(this::model);
    } catch (ServingException e) {
      LOG.warn("the index tells of known models alone: {}", e.getMessage());
    }
  }

  /**
   * Looks at the folders as the poller does; done when what has changed is loaded or has failed.
   */
  public CompletableFuture<Void> look() {
    return poller.look();
  }

  /**
   * Takes no new work.
   *
   * @return done when all in flight is answered, or the grace time is over
   */
  public CompletableFuture<Void> drain(Duration grace) {
    router.close();
    poller.close();
    CompletableFuture<Void> drained = CompletableFuture.completedFuture(null);
    for (List<ServedVersion> level : DrainLevels.of(allServed().toList()).reversed()) {
      drained =
          drained.thenCompose(_ ->
              CompletableFuture.allOf(
                  level.stream().map(ServedVersion::drain).toArray(CompletableFuture[]::new)));
    }
    return drained.completeOnTimeout(null, grace.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Ends all versions, whatever they still do, and gives their memory back; after {@link #drain}.
   *
   * @param patience how long that may take: a run that never ends cannot be stopped
   * @return true if all memory was given back in that time
   */
  public boolean close(Duration patience) {
    // Members first: what an ensemble still does ends with theirs.
    models.values().stream()
        .flatMap(model -> model.published().serving().values().stream())
        .sorted(Comparator.comparing(gate -> gate.served().config().hasEnsembleScheduling()))
        .forEach(gate -> executor.execute(gate::close));
    CompletableFuture<?>[] closed =
        models.values().stream().map(RepositoryModel::close).toArray(CompletableFuture[]::new);
    boolean isAllClosed =
        CompletableFuture.allOf(closed)
            .handle((_, fault) -> fault == null)
            .completeOnTimeout(false, patience.toNanos(), TimeUnit.NANOSECONDS)
            .join();
    executor.shutdown();
    overrides.close();
    folders.close();
    shared.close();
    return isAllClosed;
  }
}
