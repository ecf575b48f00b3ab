package org.etalon.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.jar.JarBackend;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelIndexEntry.State;
import org.etalon.inference.ServingException;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;
import org.etalon.server.observation.LogSettings;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.TraceConfig;
import org.etalon.server.observation.Tracing;
import org.etalon.server.security.AccessControl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code etalon serve}. Options are named as tritonserver's where it has them. */
@Command(
    name = "serve",
    description = "Serves the models of one or more repositories over gRPC and HTTP.",
    mixinStandardHelpOptions = true,
    modelTransformer = TritonOptions.class)
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  private static final String CACHE_SIZE = "local,size";

  /** All that are installed, once they have been looked for; guarded by this. */
  private @Nullable List<Backend> backends;

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = {"--model-repository", "--model-store"},
      required = true,
      paramLabel = "DIR",
      description =
          "A folder of models, or s3://[[http[s]://]HOST:PORT/]BUCKET/PREFIX; repeat for several.")
  private List<String> repositories = new ArrayList<>();

  @Option(
      names = "--model-control-mode",
      description = "none, poll or explicit (default: ${DEFAULT-VALUE}).")
  private ModelControl control = ModelControl.NONE;

  @Option(
      names = "--load-model",
      paramLabel = "NAME",
      description =
          "With --model-control-mode explicit: load this model at start, * for all; repeat for several.")
  private Set<String> startupModels = new LinkedHashSet<>();

  @Option(
      names = "--repository-poll-secs",
      description = "How often to look for changes (default: ${DEFAULT-VALUE}).")
  private int pollSeconds = 15;

  @Option(
      names = "--exit-timeout-secs",
      description = "How long requests in flight may take at the end (default: ${DEFAULT-VALUE}).")
  private int exitSeconds = 30;

  @Option(
      names = "--exit-on-error",
      arity = "1",
      description = "End if a model cannot be loaded at start (default: ${DEFAULT-VALUE}).")
  private boolean exitOnError = true;

  @Option(
      names = "--cache-config",
      paramLabel = "local,size=BYTES",
      description =
          "Keep answers of models with response_cache in so much memory (default: keep none).")
  private Map<String, Long> cache = new LinkedHashMap<>();

  @Option(names = "--response-cache-byte-size", hidden = true) // as it was said before
  private @Nullable Long cacheBytes;

  @Option(
      names = {"--id", "--server-id"},
      paramLabel = "NAME",
      description = "The name that the server gives itself (default: ${DEFAULT-VALUE}).")
  private String name = "etalon";

  @Option(
      names = "--strict-readiness",
      arity = "1",
      description =
          "Be ready only while all models are that were to be loaded (default: ${DEFAULT-VALUE}).")
  private boolean isStrictlyReady = true;

  @Option(
      names = "--model-load-thread-count",
      paramLabel = "N",
      description =
          "How many models are loaded side by side (default: as many as there are cores).")
  private @Nullable Integer loaders;

  @Mixin private BackendConfigOption backendConfig = new BackendConfigOption();

  @ArgGroup(exclusive = false, heading = "%nWhere it listens:%n")
  private ListenOptions listen = new ListenOptions();

  @ArgGroup(exclusive = false, heading = "%nWhat models share:%n")
  private RateLimitOptions rateLimit = new RateLimitOptions();

  @Option(
      names = "--allow-java-models",
      description =
          "Runs models in Java (model.jar in a version's folder), which have the rights of this service.")
  private boolean allowsJavaModels;

  @Mixin private LibraryOptions libraries = new LibraryOptions();

  @ArgGroup(exclusive = false, heading = "%nMetrics:%n")
  private MetricsOptions metrics = new MetricsOptions();

  @ArgGroup(exclusive = false, heading = "%nThe log:%n")
  private LogOptions logging = new LogOptions();

  @ArgGroup(exclusive = false, heading = "%nTraces:%n")
  private TraceOptions traces = new TraceOptions();

  @ArgGroup(exclusive = false, heading = "%ngRPC connections:%n")
  private GrpcOptions grpc = new GrpcOptions();

  @ArgGroup(exclusive = false, heading = "%nWho may reach it:%n")
  private SecurityOptions security = new SecurityOptions();

  /**
   * Begins what a start waits for longest, while the command line is read: every core of a start is
   * busy then.
   */
  void prepare() {
    Thread.ofPlatform()
        .name("etalon-prepare")
        .daemon()
        .start(() -> installedBackends().forEach(Backend::prepare));
  }

  private synchronized List<Backend> installedBackends() {
    List<Backend> found = backends;
    if (found == null) {
      found = Engine.installedBackends();
      backends = found;
    }
    return found;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> notes = WrongUsage.unlessAccepted(command, () -> TritonOptions.notes(command));
    long cacheBytes = cacheBytes();
    ServerConfig ports = WrongUsage.unlessAccepted(command, this::serverConfig);
    LogSettings lines = WrongUsage.unlessAccepted(command, logging::settings);
    AccessControl access = security.access();
    TraceConfig traced = WrongUsage.unlessAccepted(command, traces::config);
    ServiceLog log = ServiceLog.open(lines);
    Tracing tracing = WrongUsage.unlessAccepted(command, () -> Tracing.start(traced));
    Observation observation = new Observation(log, tracing);
    notes.forEach(LOG::info);
    security.warnIfExposed(listen.hosts());
    libraries.settle();
    if (allowsJavaModels) {
      System.setProperty(JarBackend.ALLOWED_PROPERTY, "true");
    }
    ModelRepositories models = ModelRepositories.of(command, repositories);
    try (Engine engine =
        models.start(
            config -> WrongUsage.unlessAccepted(command, () -> settled(config, cacheBytes)),
            installedBackends())) {
      requireAllLoaded(engine);
      EtalonServer server = EtalonServer.start(ports, engine, access, observation);
      CountDownLatch ended = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform().unstarted(() -> shutDown(server, engine, tracing, ended)));
      LOG.info("ready: {}", server.ports());
      ended.await();
    }
    return 0;
  }

  private EngineConfig settled(EngineConfig given, long cacheBytes) {
    EngineConfig config =
        given
            .withControl(control, startupModels)
            .withPollInterval(Duration.ofSeconds(pollSeconds))
            .withShutdownGrace(Duration.ofSeconds(exitSeconds))
            .withResponseCache(cacheBytes)
            .withRateLimits(rateLimit.limits())
            .withStrictReadiness(isStrictlyReady);
    config = loaders == null ? config : config.withLoaderThreads(loaders);
    OptionalInt batch = backendConfig.defaultMaxBatchSize();
    return batch.isPresent() ? config.withDefaultMaxBatchSize(batch.getAsInt()) : config;
  }

  private long cacheBytes() {
    if (cacheBytes != null) {
      cache.putIfAbsent(CACHE_SIZE, cacheBytes);
    }
    for (String key : cache.keySet()) {
      if (!key.equals(CACHE_SIZE)) {
        throw WrongUsage.of(
            command, "--cache-config: '%s' (expected: %s=BYTES)".formatted(key, CACHE_SIZE));
      }
    }
    long bytes = cache.getOrDefault(CACHE_SIZE, 0L);
    if (bytes < 0) {
      throw WrongUsage.of(
          command, "--cache-config: %d bytes (expected: 0 or more)".formatted(bytes));
    }
    return bytes;
  }

  private ServerConfig serverConfig() {
    return new ServerConfig(
        name,
        listen.grpc(config -> grpc.settled(security.secured(config))),
        listen.http(security::secured),
        metrics.config(listen.httpHost()),
        security.allowsClientMemory(listen.hosts()),
        Duration.ofSeconds(exitSeconds));
  }

  /** With {@code --exit-on-error}, a model that failed at start ends the service. */
  private void requireAllLoaded(Engine engine) {
    Set<String> failed = new LinkedHashSet<>(); // the engine has said which are ready, and why not
    for (ModelIndexEntry entry : engine.index()) {
      if (entry.state() == State.UNAVAILABLE) {
        failed.add(entry.model());
      }
    }
    if (exitOnError && !failed.isEmpty()) {
      throw ServingException.unavailable(
          "models %s could not be loaded (see above; --exit-on-error false serves the others)"
              .formatted(failed));
    }
  }

  /**
   * On SIGTERM or SIGINT: not ready, no new work, what is in flight finishes within the grace time.
   */
  private static void shutDown(
      EtalonServer server, Engine engine, Tracing tracing, CountDownLatch ended) {
    LOG.info("ending: requests in flight finish");
    server.drain().join();
    server.close();
    engine.close();
    tracing.close();
    ended.countDown();
  }
}
