package org.etalon.engine.repository;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.etalon.engine.config.ParsedConfig;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One model: the versions that serve, and what is being done to them. Thread-safe: loads and
 * unloads run one after another on the executor; the published versions are one immutable map.
 */
final class RepositoryModel {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryModel.class);

  private final String name;
  private final VersionLoader loader;
  private final Executor executor;
  private final Consumer<RepositoryModel> unloaded;
  private final ConcurrentSkipListMap<Long, VersionState> states = new ConcurrentSkipListMap<>();
  private volatile PublishedVersions published = PublishedVersions.NONE;

  /** Versions that finish what they have begun. */
  private final Map<VersionGate, CompletableFuture<Void>> retiring = new ConcurrentHashMap<>();

  /** The last canary that failed, which is not tried again while it stays as it is. */
  private volatile TakenBack takenBack = TakenBack.NONE;

  private volatile boolean isWanted;

  /** True if somebody asked for it by name, and not only an ensemble that needs it. */
  private volatile boolean isWantedByName;

  private volatile boolean isClosed;

  /** Why the model as a whole could not be loaded the last time; empty if it could. */
  private volatile String failure = "";

  /** Of the folder that was last loaded, or tried; null: none since the model was unloaded. */
  private volatile @Nullable String attempted;

  /** The last operation asked for; guarded by this. */
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /**
   * @param unloaded told when all versions have ended after an unload
   */
  RepositoryModel(
      String name, VersionLoader loader, Executor executor, Consumer<RepositoryModel> unloaded) {
    this.name = name;
    this.loader = loader;
    this.executor = executor;
    this.unloaded = unloaded;
  }

  String name() {
    return name;
  }

  /** True if the model was asked for, and not unloaded since. */
  boolean isWanted() {
    return isWanted;
  }

  /** True if it was loaded because an ensemble needs it, and for no other reason. */
  boolean isMemberOnly() {
    return isWanted && !isWantedByName;
  }

  /** It was asked for by name. */
  void wantByName() {
    isWantedByName = true;
  }

  /** The versions that take requests now. */
  PublishedVersions published() {
    return published;
  }

  /** True if the model was ever asked for; others are only names of folders. */
  boolean isKnown() {
    return isWanted || !failure.isEmpty() || !states.isEmpty();
  }

  boolean isKnown(long version) {
    return states.containsKey(version);
  }

  /** True if a folder with this fingerprint was loaded, or tried, last. */
  boolean hasTried(String fingerprint) {
    return fingerprint.equals(attempted);
  }

  private CompletableFuture<Void> enqueue(Runnable operation) {
    return enqueue(operation, CompletableFuture.completedFuture(null));
  }

  /** An operation that comes after those asked for before, and after something else. */
  private synchronized CompletableFuture<Void> enqueue(
      Runnable operation, CompletableFuture<Void> after) {
    last =
        last.handle((_, _) -> null)
            .thenCombine(after.handle((_, _) -> null), (_, _) -> null)
            .thenRunAsync(operation, executor);
    return last;
  }

  /**
   * Loads the model as it is in the folder, keeping versions that have not changed.
   *
   * @param source looks at the folder when it is the load's turn
   * @return done when the versions are published; fails with the ServingException that says why not
   *     all are
   */
  CompletableFuture<Void> load(Supplier<ModelDirectory> source) {
    return load(source, CompletableFuture.completedFuture(null));
  }

  /** The same, once something else is done, one way or the other. */
  CompletableFuture<Void> load(Supplier<ModelDirectory> source, CompletableFuture<Void> after) {
    isWanted = true;
    return enqueue(() -> loadOrRefuse(source), after);
  }

  private void loadOrRefuse(Supplier<ModelDirectory> source) {
    Optional<ServingException> failed;
    try {
      failed = loadNow(source.get());
    } catch (ServingException e) {
      refuse(e);
      throw e;
    }
    if (failed.isPresent()) {
      throw failed.get();
    }
  }

  /**
   * As {@link #load} of a folder that cannot be looked at, which is not tried again while it stays
   * so.
   *
   * @param state what stands for its fingerprint
   */
  CompletableFuture<Void> refuse(String state, Supplier<ModelDirectory> source) {
    attempted = state;
    return load(source);
  }

  private void refuse(ServingException cause) {
    LOG.warn("model {} was not loaded: {}", name, cause.getMessage());
    failure = String.valueOf(cause.getMessage());
    published
        .serving()
        .keySet()
        .forEach(version -> states.put(version, VersionState.readyDespite(failure)));
  }

  /**
   * @return why some versions failed
   * @throws ServingException if it is not the versions that are to blame; nothing has changed then
   */
  private Optional<ServingException> loadNow(ModelDirectory directory) {
    attempted = directory.fingerprint();
    ParsedConfig parsed = directory.parsedConfig();
    SortedSet<Long> wanted =
        VersionSelection.of(
            parsed.config().getVersionPolicy(), directory.versions().keySet(), directory.canary());
    if (wanted.isEmpty()) {
      throw ServingException.invalid(
          "failed to load '%s', no version is available".formatted(name));
    }
    NavigableMap<Long, VersionGate> ready = new TreeMap<>();
    SortedMap<Long, ServingException> failures = new TreeMap<>();
    for (long version : wanted) {
      VersionGate current = published.serving().get(version);
      if (current != null
          && current.isLoadedFrom(directory.versionFingerprints().getOrDefault(version, ""))) {
        ready.put(version, current);
      } else if (takenBack.isSame(version, directory)) {
        failures.put(version, takenBack.failure());
      } else {
        load(directory, parsed, version, ready, failures);
      }
    }
    publish(ready, failures, directory.canary());
    return failures.isEmpty() ? Optional.empty() : Optional.of(LoadFaults.of(name, failures));
  }

  private void load(
      ModelDirectory directory,
      ParsedConfig parsed,
      long version,
      Map<Long, VersionGate> ready,
      Map<Long, ServingException> failures) {
    if (!published.serving().containsKey(version)) {
      states.put(version, VersionState.LOADING);
    }
    try {
      ready.put(version, loader.open(directory, parsed, version));
    } catch (ServingException e) {
      failures.put(version, e);
    }
  }

  /**
   * Puts the loaded versions in place. Versions that are not wanted any more are given up only if
   * nothing failed: a bad replacement takes nothing away.
   */
  private void publish(
      NavigableMap<Long, VersionGate> ready,
      SortedMap<Long, ServingException> failures,
      Optional<Canary> canary) {
    NavigableMap<Long, VersionGate> before = published.serving();
    NavigableMap<Long, VersionGate> after = new TreeMap<>(ready);
    if (!failures.isEmpty()) {
      before.forEach(after::putIfAbsent);
    }
    if (isClosed) {
      ready.forEach((version, gate) -> {
        if (before.get(version) != gate) {
          retire(version, gate, true);
        }
      });
      return;
    }
    published = new PublishedVersions(after, canary.map(given -> trial(given, after)).orElse(null));
    failure = "";
    after.keySet().forEach(version -> states.put(version, VersionState.READY));
    failures.forEach((version, cause) -> {
      String reason = String.valueOf(cause.getMessage());
      states.put(
          version,
          after.containsKey(version)
              ? VersionState.readyDespite(reason)
              : VersionState.failed(reason));
    });
    before.forEach((version, gate) -> {
      if (after.get(version) != gate) {
        retire(version, gate, after.containsKey(version));
      }
    });
    forgetVersionsNeverServed(after, failures.keySet());
  }

  /** Goes on with what is known of a canary that has not changed. */
  private @Nullable CanaryTrial trial(Canary canary, NavigableMap<Long, VersionGate> after) {
    VersionGate gate = after.get(canary.version());
    if (gate == null || after.size() == 1) {
      return null;
    }
    CanaryTrial before = published.trial();
    if (before != null && before.gate() == gate && before.canary().equals(canary)) {
      return before;
    }
    return new CanaryTrial(
        gate,
        canary,
        reason -> {
          var _ = enqueue(() -> takeBack(gate, canary.version(), reason));
        });
  }

  /** Gives a canary up. Requests that it has begun finish, and nobody's request is lost. */
  private void takeBack(VersionGate gate, long version, String reason) {
    PublishedVersions before = published;
    if (before.serving().get(version) != gate) {
      return; // replaced meanwhile, or unloaded
    }
    LOG.warn("model {} version {} is taken back: {}", name, version, reason);
    takenBack = new TakenBack(gate, version, reason);
    published = before.withoutCanary();
    states.put(version, VersionState.failed(takenBack.text()));
    retire(version, gate, true);
  }

  /** A version that failed once and is not wanted any more has nothing to say. */
  private void forgetVersionsNeverServed(
      SortedMap<Long, VersionGate> after, Collection<Long> failed) {
    states
        .entrySet()
        .removeIf(entry ->
            entry.getValue().state() == ModelIndexEntry.State.UNAVAILABLE
                && !entry.getValue().equals(VersionState.UNLOADED)
                && !after.containsKey(entry.getKey())
                && !failed.contains(entry.getKey()));
  }

  /** Lets a version, which can no longer be found, finish and gives its memory back. */
  private void retire(long version, VersionGate gate, boolean isReplaced) {
    if (!isReplaced) {
      states.put(version, VersionState.UNLOADING);
    }
    CompletableFuture<Void> retired = gate.retire(executor);
    retiring.put(gate, retired);
    var _ =
        retired.whenComplete((_, fault) -> {
          retiring.remove(gate);
          states.replace(version, VersionState.UNLOADING, VersionState.UNLOADED);
          if (fault != null) {
            LOG.error("model {} version {} was not closed in order", name, version, fault);
          } else {
            LOG.info("model {} version {} has ended, its memory is given back", name, version);
          }
        });
  }

  /**
   * Takes all versions out. New requests find none from the moment that it is the unload's turn.
   *
   * @return done when those in flight are answered and all memory is given back
   */
  CompletableFuture<Void> unload() {
    isWanted = false;
    isWantedByName = false;
    return enqueue(this::unloadNow)
        .thenCompose(
            _ -> CompletableFuture.allOf(retiring.values().toArray(CompletableFuture[]::new)))
        .whenComplete((_, _) -> unloaded.accept(this));
  }

  private void unloadNow() {
    NavigableMap<Long, VersionGate> before = published.serving();
    published = PublishedVersions.NONE;
    takenBack = TakenBack.NONE;
    attempted = null;
    failure = "";
    states.replaceAll((_, _) -> VersionState.UNLOADED);
    before.forEach((version, gate) -> retire(version, gate, false));
  }

  /** Publishes nothing any more, and takes all versions out. */
  CompletableFuture<Void> close() {
    isClosed = true;
    return unload();
  }

  /** The model's lines of the index. */
  List<ModelIndexEntry> index() {
    List<ModelIndexEntry> lines = new ArrayList<>();
    states.forEach((version, state) -> lines.add(line(version, state)));
    String reason = failure;
    if (!reason.isEmpty() && published.serving().isEmpty()) {
      // No version is to blame: the configuration or the folder is.
      lines.addFirst(
          new ModelIndexEntry(
              name, OptionalLong.empty(), ModelIndexEntry.State.UNAVAILABLE, reason));
    }
    if (lines.isEmpty()) {
      lines.add(new ModelIndexEntry(name, OptionalLong.empty(), ModelIndexEntry.State.UNKNOWN, ""));
    }
    return lines;
  }

  /** An ensemble whose members are not ready is not ready either, until they are. */
  private ModelIndexEntry line(long version, VersionState state) {
    Optional<String> reason =
        Optional.ofNullable(published.serving().get(version))
            .flatMap(gate -> gate.served().unavailability());
    VersionState shown = reason.map(VersionState::failed).orElse(state);
    CanaryTrial trial = published.trial();
    if (trial != null && trial.canary().version() == version && shown.equals(VersionState.READY)) {
      shown = VersionState.readyDespite(trial.text());
    }
    return new ModelIndexEntry(name, OptionalLong.of(version), shown.state(), shown.reason());
  }

  /** True if a version takes requests now. */
  boolean isReady() {
    return published.serving().values().stream().anyMatch(PublishedVersions::isReady);
  }

  /** True if that version takes requests now. */
  boolean isReady(long version) {
    VersionGate gate = published.serving().get(version);
    return gate != null && PublishedVersions.isReady(gate);
  }

  /** The members of its versions that serve, if it is an ensemble. */
  Collection<String> members() {
    return published.members();
  }
}
