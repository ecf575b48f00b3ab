package org.etalon.strain.opendata.testing;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Serves a folder of strain files over the shapes of GWOSC's public API, on this machine's
 * loopback.
 *
 * <p>Files are named as GWOSC names them; those that hold an event's GPS time are the event's, and
 * those with the same tag, such as {@code LOSC_4_V2}, are one data set. It can be made to fail.
 * Thread-safe.
 */
public final class GwoscStandIn implements Closeable {
  private final HttpServer server;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final StandInApi api;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Map<String, Deque<StandInFault>> faults = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private GwoscStandIn(Path folder, int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    api = new StandInApi(folder, baseUrl());
    server.setExecutor(handlers);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Serves {@code folder} on {@code port}, or any free one for 0, until closed; it knows GW150914.
   */
  public static GwoscStandIn start(Path folder, int port) throws IOException {
    GwoscStandIn standIn = new GwoscStandIn(folder, port);
    return standIn.withEvent("GW150914", 3, 1126259462.4);
  }

  /** The server's root, for {@code --gwosc-url}. */
  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Adds a version of an event; its strain files are those that hold its time. */
  public GwoscStandIn withEvent(String name, int version, double gps) {
    api.addEvent(name, version, gps);
    return this;
  }

  /** Makes the API give this SHA-256 for a strain file, right or wrong. */
  public GwoscStandIn withChecksum(String fileName, String sha256) {
    api.addChecksum(fileName, sha256);
    return this;
  }

  /** Goes wrong at the next request of {@code path}; several faults are used up in their order. */
  public GwoscStandIn failNext(String path, StandInFault fault) {
    faults.computeIfAbsent(path, _ -> new ConcurrentLinkedDeque<>()).add(fault);
    return this;
  }

  /** The address of a file, as a path on this server. */
  public static String pathOf(String fileName) {
    return StandInApi.DATA + fileName;
  }

  /**
   * What was asked for so far: the paths, and {@code [Range]} after those that asked for a range.
   */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    handlers.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(range == null ? path : path + " [" + range + "]");
      answer(exchange, path, nextFault(path));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable StandInFault nextFault(String path) {
    Deque<StandInFault> queue = faults.get(path);
    return queue == null ? null : queue.poll();
  }

  private void answer(HttpExchange exchange, String path, @Nullable StandInFault fault)
      throws IOException, InterruptedException {
    if (fault instanceof StandInFault.Status status) {
      status.headers().forEach(exchange.getResponseHeaders()::set);
      send(exchange, status.code(), "<html>fault</html>".getBytes(StandardCharsets.UTF_8), null);
    } else if (fault instanceof StandInFault.Body body) {
      send(exchange, 200, body.text().getBytes(StandardCharsets.UTF_8), null);
    } else if (path.startsWith(StandInApi.DATA)) {
      answerFile(exchange, path, fault);
    } else {
      var json = api.json(path);
      String text = json.orElse("<html><h1>Page not found</h1></html>");
      send(exchange, json.isPresent() ? 200 : 404, text.getBytes(StandardCharsets.UTF_8), fault);
    }
  }

  private void answerFile(HttpExchange exchange, String path, @Nullable StandInFault fault)
      throws IOException, InterruptedException {
    var file = api.file(path.substring(StandInApi.DATA.length()));
    if (file.isEmpty()) {
      send(exchange, 404, new byte[0], fault);
      return;
    }
    byte[] bytes = file.get().bytes();
    String tag = "\"" + StandInApi.sha256(bytes).substring(0, 16) + "\"";
    Headers request = exchange.getRequestHeaders();
    Headers response = exchange.getResponseHeaders();
    response.set("ETag", tag);
    response.set("Accept-Ranges", "bytes");
    String range = request.getFirst("Range");
    String condition = request.getFirst("If-Range");
    if (range == null || (condition != null && !condition.equals(tag))) {
      send(exchange, 200, bytes, fault);
      return;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    if (from >= bytes.length) {
      response.set("Content-Range", "bytes */" + bytes.length);
      send(exchange, 416, new byte[0], fault);
      return;
    }
    response.set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    send(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length), fault);
  }

  private void send(HttpExchange exchange, int status, byte[] body, @Nullable StandInFault fault)
      throws IOException, InterruptedException {
    int length = body.length;
    if (fault instanceof StandInFault.Cut cut) {
      length = Math.min(length, cut.afterBytes());
    } else if (fault instanceof StandInFault.Stall stall) {
      length = Math.min(length, stall.afterBytes());
    }
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    OutputStream out = exchange.getResponseBody();
    out.write(body, 0, length);
    out.flush();
    if (fault instanceof StandInFault.Stall) {
      closed.await();
    }
  }

  /**
   * Serves until killed.
   *
   * @param args the folder of strain files, the port or 0, then any number of further events as
   *     {@code NAME=GPS}
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length < 2) {
      System.err.println("usage: GwoscStandIn FOLDER PORT|0 [EVENT=GPS ...]");
      System.exit(2);
    }
    List<String> events = new ArrayList<>(List.of(args).subList(2, args.length));
    try (GwoscStandIn standIn = start(Path.of(args[0]), Integer.parseInt(args[1]))) {
      for (String event : events) {
        int split = event.indexOf('=');
        standIn.withEvent(
            event.substring(0, split), 1, Double.parseDouble(event.substring(split + 1)));
      }
      System.out.println(standIn.baseUrl());
      standIn.closed.await();
    }
  }
}
