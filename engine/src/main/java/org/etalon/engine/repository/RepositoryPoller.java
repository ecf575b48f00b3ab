package org.etalon.engine.repository;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.etalon.engine.repository.RepositoryFolders.Location;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the folders: loads what is new or changed, unloads what is gone. A change counts once two
 * looks have seen the same, so that a copy in progress is left alone; what failed is tried again
 * only when it has changed. Guarded by itself.
 */
final class RepositoryPoller implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryPoller.class);

  private final RepositoryFolders folders;
  private final Map<String, RepositoryModel> models;
  private final Function<String, RepositoryModel> model;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("etalon-poll").daemon().unstarted(task));

  /** What the last look saw of models that are not loaded as they are. */
  private Map<String, String> seen = new HashMap<>();

  /** Models that the last look missed. */
  private Set<String> missing = new HashSet<>();

  /**
   * @param models all that there are, by name
   * @param model makes one if need be
   */
  RepositoryPoller(
      RepositoryFolders folders,
      Map<String, RepositoryModel> models,
      Function<String, RepositoryModel> model) {
    this.folders = folders;
    this.models = models;
    this.model = model;
  }

  /** Looks again and again. */
  void start(Duration interval) {
    var _ =
        clock.scheduleWithFixedDelay(
            this::lookAndReport, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void lookAndReport() {
    try {
      look().get();
    } catch (ExecutionException | RuntimeException e) {
      LOG.warn("the model repository could not be looked at; the next look may succeed", e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Looks once.
   *
   * @return done when what was found changed is loaded or has failed
   * @throws ServingException if a repository cannot be read: then nothing is taken for gone
   */
  synchronized CompletableFuture<Void> look() {
    SortedMap<String, List<Location>> present = folders.list();
    Map<String, String> looked = new HashMap<>();
    List<CompletableFuture<Void>> operations = new ArrayList<>();
    LoadOrder order = new LoadOrder(present, model);
    present.forEach((name, locations) -> operations.add(look(name, locations, looked, order)));
    present.keySet().stream().filter(this::hasFailed).forEach(order::addIfAMemberLoads);
    operations.add(order.loadAll());
    operations.addAll(unloadGone(present.keySet()));
    seen = looked;
    return CompletableFuture.allOf(operations.toArray(CompletableFuture[]::new));
  }

  private boolean hasFailed(String name) {
    RepositoryModel known = models.get(name);
    return known != null && known.isWanted() && known.published().serving().isEmpty();
  }

  private CompletableFuture<Void> look(
      String name, List<Location> locations, Map<String, String> looked, LoadOrder order) {
    ModelDirectory directory;
    String state;
    try {
      directory = RepositoryFolders.open(name, locations);
      state = directory.fingerprint();
    } catch (ServingException e) {
      directory = null;
      state = String.valueOf(e.getMessage());
    }
    RepositoryModel changed = model.apply(name);
    if (changed.hasTried(state)) {
      return CompletableFuture.completedFuture(null);
    }
    if (!state.equals(seen.get(name))) {
      looked.put(name, state);
      return CompletableFuture.completedFuture(null);
    }
    ModelDirectory found = directory;
    if (found != null) {
      order.add(name, found);
      return CompletableFuture.completedFuture(null);
    }
    // Why it failed is in the index.
    return changed
        .refuse(state, () -> RepositoryFolders.open(name, locations))
        .exceptionally(_ -> null);
  }

  private List<CompletableFuture<Void>> unloadGone(Set<String> present) {
    List<CompletableFuture<Void>> operations = new ArrayList<>();
    Set<String> gone = new HashSet<>();
    models.forEach((name, known) -> {
      if (present.contains(name) || !known.isWanted()) {
        return;
      }
      if (missing.contains(name)) {
        LOG.info("model {} is gone from the repository", name);
        operations.add(known.unload());
      } else {
        gone.add(name);
      }
    });
    missing = gone;
    return operations;
  }

  @Override
  public void close() {
    clock.shutdown();
  }
}
