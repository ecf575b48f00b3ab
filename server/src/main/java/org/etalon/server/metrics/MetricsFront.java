package org.etalon.server.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.etalon.engine.Engine;
import org.etalon.server.internal.Listener;

/**
 * Serves {@code GET /metrics}. Thread-safe.
 *
 * <p>A page every few seconds needs no event loop: the JDK's server with a virtual thread a request
 * does, and shares nothing with the fronts that it reports on.
 */
public final class MetricsFront implements Listener {
  private static final int BACKLOG = 64;
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int NOT_ALLOWED = 405;
  private static final long NO_BODY = -1;

  private final HttpServer server;
  private final ExecutorService threads;
  private final ScheduledExecutorService ticker;

  private MetricsFront(
      HttpServer server, ExecutorService threads, ScheduledExecutorService ticker) {
    this.server = server;
    this.threads = threads;
    this.ticker = ticker;
  }

  /**
   * Listens until {@link #close}.
   *
   * @param engine borrowed, to be closed after this
   * @param connections those open now, by protocol
   * @throws IOException if the port cannot be had
   */
  public static MetricsFront start(
      MetricsConfig config, Engine engine, Supplier<SortedMap<String, Integer>> connections)
      throws IOException {
    var sensors =
        new MetricsSource.Sensors(
            () -> engine.statistics(Optional.empty(), OptionalLong.empty()),
            engine::instances,
            connections,
            Machine::now,
            config.withGpus() ? Nvml.ofThisMachine().map(nvml -> nvml::gpus) : Optional.empty());
    return start(config, new MetricsSource(config, sensors, System::nanoTime));
  }

  @SuppressWarnings("AddressSelection") // a name may have several; the system's choice is meant
  static MetricsFront start(MetricsConfig config, MetricsSource source) throws IOException {
    HttpServer server;
    try {
      server = HttpServer.create(new InetSocketAddress(config.host(), config.port()), BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "metrics cannot listen on %s:%d (expected: a free port of this machine)"
              .formatted(config.host(), config.port()),
          e);
    }
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("etalon-metrics").factory());
    if (source.hasSummaries()) {
      long step = LatencyWindow.STEP.toSeconds();
      var _ = ticker.scheduleAtFixedRate(source::noteLatencies, 0, step, TimeUnit.SECONDS);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, source));
    server.start();
    return new MetricsFront(server, threads, ticker);
  }

  private static void answer(HttpExchange exchange, MetricsSource source) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(NOT_FOUND, NO_BODY);
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(NOT_ALLOWED, NO_BODY);
      } else {
        sendPage(exchange, source.page(), method.equals("HEAD"));
      }
    }
  }

  private static void sendPage(HttpExchange exchange, String page, boolean isHead)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", MetricsPage.CONTENT_TYPE);
    byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(OK, isHead ? NO_BODY : bytes.length);
    if (!isHead) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public InetSocketAddress address() {
    return server.getAddress();
  }

  @Override
  public int connections() {
    return 0; // those who only look are not counted
  }

  /** Nothing is ever in flight for long here; it can be scraped until {@link #close}. */
  @Override
  public CompletableFuture<Void> drain() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    ticker.shutdownNow();
  }
}
