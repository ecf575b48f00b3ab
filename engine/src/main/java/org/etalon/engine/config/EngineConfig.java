package org.etalon.engine.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.etalon.engine.backend.Device;

/**
 * What an engine is built from.
 *
 * @param repositories folders in Triton's layout; a model's name is unique over all of them
 * @param control how models come and go
 * @param pollInterval how often the folders are looked at in {@link ModelControl#POLL}
 * @param startupModels the models loaded at start in {@link ModelControl#EXPLICIT}; {@code *}: all
 * @param shutdownGrace how long requests in flight may take when the engine is closed
 * @param defaultMaxBatchSize the {@code max_batch_size} of a model whose configuration says none
 *     and whose file allows any batch
 * @param placement the devices on which every model gets an instance, one for each entry, in place
 *     of what its configuration says; empty: as its configuration says
 * @param responseCacheBytes how much the answers kept for models with {@code response_cache} may
 *     take together; 0: none are kept
 * @param rateLimits of what instances share by {@code rate_limiter}; empty: it is not looked at
 * @param loaderThreads how many models are loaded side by side
 * @param isStrictlyReady whether the engine is ready only while every model is that was asked for
 */
public record EngineConfig(
    List<Path> repositories,
    ModelControl control,
    Duration pollInterval,
    Set<String> startupModels,
    Duration shutdownGrace,
    int defaultMaxBatchSize,
    List<Device> placement,
    long responseCacheBytes,
    Optional<RateLimits> rateLimits,
    int loaderThreads,
    boolean isStrictlyReady) {
  /** How models come and go, by the names of {@code --model-control-mode}. */
  public enum ModelControl {
    /** What is in the repository at start. */
    NONE,
    /** As the repository changes. */
    POLL,
    /** By request. */
    EXPLICIT
  }

  public EngineConfig {
    repositories = List.copyOf(repositories);
    startupModels = Set.copyOf(startupModels);
    placement = List.copyOf(placement);
    if (repositories.isEmpty()) {
      throw new IllegalArgumentException("repositories: none (expected: at least one folder)");
    }
    if (pollInterval.isNegative() || pollInterval.isZero()) {
      throw new IllegalArgumentException("pollInterval: " + pollInterval + " (expected: > 0)");
    }
    if (shutdownGrace.isNegative()) {
      throw new IllegalArgumentException("shutdownGrace: " + shutdownGrace + " (expected: >= 0)");
    }
    if (defaultMaxBatchSize < 1) {
      throw new IllegalArgumentException(
          "defaultMaxBatchSize: " + defaultMaxBatchSize + " (expected: >= 1)");
    }
    if (loaderThreads < 1) {
      throw new IllegalArgumentException("loaderThreads: " + loaderThreads + " (expected: >= 1)");
    }
    if (responseCacheBytes < 0) {
      throw new IllegalArgumentException(
          "responseCacheBytes: " + responseCacheBytes + " (expected: >= 0)");
    }
  }

  /** These repositories as they are at start, with every other setting at its default. */
  public static EngineConfig of(List<Path> repositories) {
    return new EngineConfig(
        repositories,
        ModelControl.NONE,
        Duration.ofSeconds(15),
        Set.of(),
        Duration.ofSeconds(30),
        256,
        List.of(),
        0,
        Optional.empty(),
        Runtime.getRuntime().availableProcessors(),
        true);
  }

  /** This with models that come and go in another way. */
  public EngineConfig withControl(ModelControl other, Set<String> modelsAtStart) {
    return changed(draft -> {
      draft.control = other;
      draft.startupModels = modelsAtStart;
    });
  }

  /** This with another interval between looks at the folders. */
  public EngineConfig withPollInterval(Duration other) {
    return changed(draft -> draft.pollInterval = other);
  }

  /** This with another time for requests in flight at the end. */
  public EngineConfig withShutdownGrace(Duration other) {
    return changed(draft -> draft.shutdownGrace = other);
  }

  /** This with an instance of every model on each of these devices. */
  public EngineConfig withPlacement(List<Device> devices) {
    return changed(draft -> draft.placement = devices);
  }

  /** This with so much memory for answers that are kept. */
  public EngineConfig withResponseCache(long bytes) {
    return changed(draft -> draft.responseCacheBytes = bytes);
  }

  /**
   * This with another largest batch where neither a model's configuration nor its file says one.
   */
  public EngineConfig withDefaultMaxBatchSize(int other) {
    return changed(draft -> draft.defaultMaxBatchSize = other);
  }

  /** This with instances that share what there is of resources. */
  public EngineConfig withRateLimits(Optional<RateLimits> limits) {
    return changed(draft -> draft.rateLimits = limits);
  }

  /** This with so many models that are loaded side by side. */
  public EngineConfig withLoaderThreads(int threads) {
    return changed(draft -> draft.loaderThreads = threads);
  }

  /** This, ready whatever its models are, or only with all of them. */
  public EngineConfig withStrictReadiness(boolean isStrict) {
    return changed(draft -> draft.isStrictlyReady = isStrict);
  }

  private EngineConfig changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.config();
  }

  /** The settings while they are changed. */
  private static final class Draft {
    private final List<Path> repositories;
    private ModelControl control;
    private Duration pollInterval;
    private Set<String> startupModels;
    private Duration shutdownGrace;
    private int defaultMaxBatchSize;
    private List<Device> placement;
    private long responseCacheBytes;
    private Optional<RateLimits> rateLimits;
    private int loaderThreads;
    private boolean isStrictlyReady;

    Draft(EngineConfig from) {
      repositories = from.repositories;
      control = from.control;
      pollInterval = from.pollInterval;
      startupModels = from.startupModels;
      shutdownGrace = from.shutdownGrace;
      defaultMaxBatchSize = from.defaultMaxBatchSize;
      placement = from.placement;
      responseCacheBytes = from.responseCacheBytes;
      rateLimits = from.rateLimits;
      loaderThreads = from.loaderThreads;
      isStrictlyReady = from.isStrictlyReady;
    }

    EngineConfig config() {
      return new EngineConfig(
          repositories,
          control,
          pollInterval,
          startupModels,
          shutdownGrace,
          defaultMaxBatchSize,
          placement,
          responseCacheBytes,
          rateLimits,
          loaderThreads,
          isStrictlyReady);
    }
  }
}
