package org.etalon.server.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.etalon.engine.Engine;
import org.etalon.engine.status.ModelStatistics;
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

  private MetricsFront(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Listens until {@link #close}.
   *
   * @param engine borrowed, to be closed after this
   * @throws IOException if the port cannot be had
   */
  public static MetricsFront start(MetricsConfig config, Engine engine) throws IOException {
    return start(config, () -> engine.statistics(Optional.empty(), OptionalLong.empty()));
  }

  @SuppressWarnings("AddressSelection") // a name may have several; the system's choice is meant
  static MetricsFront start(MetricsConfig config, Supplier<List<ModelStatistics>> statistics)
      throws IOException {
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
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, statistics));
    server.start();
    return new MetricsFront(server, threads);
  }

  private static void answer(HttpExchange exchange, Supplier<List<ModelStatistics>> statistics)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!exchange.getRequestURI().getPath().equals("/metrics")) {
        exchange.sendResponseHeaders(NOT_FOUND, NO_BODY);
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(NOT_ALLOWED, NO_BODY);
      } else {
        sendPage(exchange, MetricsText.of(statistics.get(), Machine.now()), method.equals("HEAD"));
      }
    }
  }

  private static void sendPage(HttpExchange exchange, String page, boolean isHead)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", MetricsText.CONTENT_TYPE);
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

  /** Nothing is ever in flight for long here; it can be scraped until {@link #close}. */
  @Override
  public CompletableFuture<Void> drain() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
