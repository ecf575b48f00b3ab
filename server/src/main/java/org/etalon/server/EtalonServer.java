package org.etalon.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.Engine;
import org.etalon.server.grpc.GrpcFront;
import org.etalon.server.http.HttpFront;
import org.etalon.server.internal.Listener;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.metrics.MetricsFront;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;
import org.jspecify.annotations.Nullable;

/** An engine on the network. Thread-safe; borrows the engine, which outlives it. */
public final class EtalonServer implements AutoCloseable {
  /** The ports really listened on; empty for a front that is absent. */
  public record Ports(OptionalInt grpc, OptionalInt http, OptionalInt metrics) {
    /** Such as {@code gRPC 8001, HTTP 8000, metrics 8002}. */
    @Override
    public String toString() {
      List<String> parts = new ArrayList<>();
      grpc.ifPresent(port -> parts.add("gRPC " + port));
      http.ifPresent(port -> parts.add("HTTP " + port));
      metrics.ifPresent(port -> parts.add("metrics " + port));
      return String.join(", ", parts);
    }
  }

  private final Engine engine;
  private final ServerConfig config;
  private final AccessControl access;
  private final SharedRegions regions;
  private final Observation observation;
  private final List<Listener> serving = new ArrayList<>();

  /** Written before the metrics that read it are served. */
  private final Map<String, Listener> byProtocol = new HashMap<>();

  private @Nullable Listener metrics;
  private Ports ports = new Ports(OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

  private EtalonServer(
      ServerConfig config, Engine engine, AccessControl access, Observation observation) {
    this.observation = observation;
    this.config = config;
    this.access = access;
    this.regions = new SharedRegions(config.allowsClientMemory());
    this.engine = engine;
  }

  /** Starts the fronts that the configuration has, for everybody who reaches them. */
  public static EtalonServer start(ServerConfig config, Engine engine) throws IOException {
    return start(config, engine, AccessControl.open(), Observation.embedded());
  }

  /**
   * Starts the fronts that the configuration has.
   *
   * @param access asked before each request
   * @param observation what clients may see and change of what is seen
   * @throws IOException if one cannot listen; those before it are closed again
   */
  public static EtalonServer start(
      ServerConfig config, Engine engine, AccessControl access, Observation observation)
      throws IOException {
    EtalonServer server = new EtalonServer(config, engine, access, observation);
    try {
      server.startFronts(ServerIdentity.current().named(config.name()));
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void startFronts(ServerIdentity identity) throws IOException {
    OptionalInt grpcPort = OptionalInt.empty();
    OptionalInt httpPort = OptionalInt.empty();
    OptionalInt metricsPort = OptionalInt.empty();
    if (config.grpc().isPresent()) {
      grpcPort =
          serving(
              "grpc",
              GrpcFront.start(config.grpc().get(), engine, identity, access, regions, observation));
    }
    if (config.http().isPresent()) {
      httpPort =
          serving(
              "http",
              HttpFront.start(config.http().get(), engine, identity, access, regions, observation));
    }
    if (config.metrics().isPresent()) {
      MetricsFront front = MetricsFront.start(config.metrics().get(), engine, this::connections);
      metrics = front;
      metricsPort = OptionalInt.of(front.address().getPort());
    }
    ports = new Ports(grpcPort, httpPort, metricsPort);
  }

  private OptionalInt serving(String protocol, Listener front) {
    serving.add(front);
    byProtocol.put(protocol, front);
    return OptionalInt.of(front.address().getPort());
  }

  private SortedMap<String, Integer> connections() {
    SortedMap<String, Integer> open = new TreeMap<>();
    byProtocol.forEach((protocol, front) -> open.put(protocol, front.connections()));
    return open;
  }

  /** What is listened on. */
  public Ports ports() {
    return ports;
  }

  /**
   * Takes no new work from now on and says that it is not ready. Returns at once.
   *
   * @return done when all in flight is answered or the grace time is over
   */
  public CompletableFuture<Void> drain() {
    List<CompletableFuture<Void>> parts = new ArrayList<>();
    serving.forEach(front -> parts.add(front.drain()));
    parts.add(engine.drain());
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
        .completeOnTimeout(null, config.exitGrace().toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends every connection now; a second call does nothing. */
  @Override
  public void close() {
    serving.reversed().forEach(Listener::close);
    regions.close();
    if (metrics != null) {
      metrics.close(); // last: it is scraped until the end
    }
  }
}
