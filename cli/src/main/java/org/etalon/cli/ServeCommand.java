package org.etalon.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.status.ModelIndexEntry.State;
import org.etalon.inference.ServingException;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;
import org.etalon.server.grpc.GrpcConfig;
import org.etalon.server.http.HttpConfig;
import org.etalon.server.observation.ForwardedHeaders;
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
    mixinStandardHelpOptions = true)
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

  @Option(names = "--host", description = "The address to listen on (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(names = "--http-port", description = "0: a free one (default: ${DEFAULT-VALUE}).")
  private int httpPort = 8000;

  @Option(names = "--grpc-port", description = "0: a free one (default: ${DEFAULT-VALUE}).")
  private int grpcPort = 8001;

  @Option(
      names = "--allow-http",
      arity = "1",
      description = "Listen for HTTP (default: ${DEFAULT-VALUE}).")
  private boolean allowHttp = true;

  @Option(
      names = "--allow-grpc",
      arity = "1",
      description = "Listen for gRPC (default: ${DEFAULT-VALUE}).")
  private boolean allowGrpc = true;

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

  @Option(
      names = "--http-header-forward-pattern",
      paramLabel = "REGEX",
      description =
          "Headers of HTTP requests whose names match become parameters of the request (default: none).")
  private String httpForwarded = "";

  @Option(
      names = "--grpc-header-forward-pattern",
      paramLabel = "REGEX",
      description =
          "Headers of gRPC calls whose names match become parameters of their requests (default: none).")
  private String grpcForwarded = "";

  @ArgGroup(exclusive = false, heading = "%nWhat models share:%n")
  private RateLimitOptions rateLimit = new RateLimitOptions();

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
    long cacheBytes = cacheBytes();
    ServerConfig ports = WrongUsage.unlessAccepted(command, this::serverConfig);
    LogSettings lines = WrongUsage.unlessAccepted(command, logging::settings);
    AccessControl access = security.access();
    TraceConfig traced = WrongUsage.unlessAccepted(command, traces::config);
    ServiceLog log = ServiceLog.open(lines);
    Tracing tracing = WrongUsage.unlessAccepted(command, () -> Tracing.start(traced));
    Observation observation = new Observation(log, tracing);
    security.warnIfExposed(host);
    libraries.settle();
    ModelRepositories models = ModelRepositories.of(command, repositories);
    try (Engine engine = models.start(config -> settled(config, cacheBytes), installedBackends())) {
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

  private EngineConfig settled(EngineConfig config, long cacheBytes) {
    return config
        .withControl(control, startupModels)
        .withPollInterval(Duration.ofSeconds(pollSeconds))
        .withShutdownGrace(Duration.ofSeconds(exitSeconds))
        .withResponseCache(cacheBytes)
        .withRateLimits(WrongUsage.unlessAccepted(command, rateLimit::limits));
  }

  private long cacheBytes() {
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
        allowGrpc ? Optional.of(grpcConfig()) : Optional.empty(),
        allowHttp ? Optional.of(httpConfig()) : Optional.empty(),
        metrics.config(host),
        security.allowsClientMemory(host),
        Duration.ofSeconds(exitSeconds));
  }

  private GrpcConfig grpcConfig() {
    return grpc.settled(security.secured(GrpcConfig.at(host, grpcPort)))
        .withForwarded(ForwardedHeaders.matching(grpcForwarded));
  }

  private HttpConfig httpConfig() {
    return security
        .secured(HttpConfig.of(host, httpPort))
        .withForwarded(ForwardedHeaders.matching(httpForwarded));
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
