package org.etalon.objectstore;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A store with one bucket, {@code models}, that fails when it is told to. */
final class FakeStore implements AutoCloseable {
  private final TreeMap<String, Content> objects = new TreeMap<>();
  private final HttpServer server;

  /** Objects that were asked for. */
  final List<String> fetched = new CopyOnWriteArrayList<>();

  /** How many of the next requests are answered with 503. */
  final AtomicInteger refusals = new AtomicInteger();

  /** How many of the next objects end after half of their content. */
  final AtomicInteger halves = new AtomicInteger();

  /** Run before each listing, with its number from 0. */
  volatile IntConsumer beforeListing = _ -> {};

  private final AtomicInteger listings = new AtomicInteger();
  volatile int pageSize = 1000;
  volatile boolean isAway;

  private record Content(String text, String etag) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  FakeStore() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  S3Address address(String prefix) {
    return S3Address.of(
        "s3://127.0.0.1:%d/models/%s".formatted(server.getAddress().getPort(), prefix));
  }

  synchronized FakeStore put(String key, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    objects.put(key, new Content(text, '"' + md5(bytes) + '"'));
    return this;
  }

  /** As multipart uploads leave it: an ETag that is no hash of the content. */
  synchronized FakeStore putInParts(String key, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    objects.put(key, new Content(text, '"' + md5(bytes).replace('0', 'f') + "-2\""));
    return this;
  }

  /** Content that is not what its ETag says. */
  synchronized FakeStore putDamaged(String key, String text) {
    objects.put(key, new Content(text, '"' + md5(new byte[] {1}) + '"'));
    return this;
  }

  synchronized FakeStore delete(String key) {
    objects.remove(key);
    return this;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (isAway) {
        return; // the connection ends without an answer
      }
      if (refusals.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        send(
            exchange, 503, error("SlowDown", "Please reduce your request rate."), Optional.empty());
        return;
      }
      String path = exchange.getRequestURI().getRawPath();
      Map<String, String> query = query(exchange);
      if (!path.startsWith("/models/")) {
        send(exchange, 404, error("NoSuchBucket", "No such bucket"), Optional.empty());
      } else if (query.containsKey("list-type")) {
        beforeListing.accept(listings.getAndIncrement());
        send(exchange, 200, listing(query), Optional.empty());
      } else {
        get(exchange, decode(path.substring("/models/".length())));
      }
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> query = new HashMap<>();
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      query.put(decode(parts[0]), decode(parts[1]));
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private synchronized byte[] listing(Map<String, String> query) {
    String prefix = query.getOrDefault("prefix", "");
    String delimiter = query.getOrDefault("delimiter", "");
    String after = query.getOrDefault("continuation-token", "");
    TreeSet<String> entries = new TreeSet<>();
    for (String key : objects.keySet()) {
      if (key.startsWith(prefix)) {
        int end = delimiter.isEmpty() ? -1 : key.indexOf(delimiter, prefix.length());
        entries.add(end < 0 ? key : key.substring(0, end + 1));
      }
    }
    List<String> rest = List.copyOf(entries.tailSet(after, false));
    List<String> page = rest.subList(0, Math.min(pageSize, rest.size()));
    StringBuilder xml =
        new StringBuilder(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>");
    if (page.size() < rest.size()) {
      xml.append("<IsTruncated>true</IsTruncated><NextContinuationToken>")
          .append(escape(page.getLast()))
          .append("</NextContinuationToken>");
    }
    page.forEach(entry -> xml.append(element(entry, objects.get(entry))));
    return xml.append("</ListBucketResult>").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String element(String name, @Nullable Content content) {
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("%2F", "/");
    return content == null
        ? "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>".formatted(encoded)
        : "<Contents><Key>%s</Key><ETag>%s</ETag><Size>%d</Size><Owner><ID>1</ID></Owner></Contents>"
            .formatted(encoded, escape(content.etag), content.bytes().length);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private void get(HttpExchange exchange, String key) throws IOException {
    Content content;
    synchronized (this) {
      content = objects.get(key);
    }
    fetched.add(key);
    String wanted = exchange.getRequestHeaders().getFirst("If-Match");
    if (content == null) {
      send(exchange, 404, error("NoSuchKey", "No such key"), Optional.empty());
    } else if (wanted != null && !wanted.equals(content.etag)) {
      send(exchange, 412, error("PreconditionFailed", "It has changed"), Optional.empty());
    } else if (halves.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      exchange.getResponseHeaders().set("ETag", content.etag);
      exchange.sendResponseHeaders(200, content.bytes().length);
      exchange.getResponseBody().write(content.bytes(), 0, content.bytes().length / 2);
      exchange.getResponseBody().flush(); // else the client sees no answer, and asks anew by itself
    } else {
      send(exchange, 200, content.bytes(), Optional.of(content.etag));
    }
  }

  private static byte[] error(String code, String message) {
    return "<Error><Code>%s</Code><Message>%s</Message></Error>"
        .formatted(code, message)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void send(HttpExchange exchange, int status, byte[] body, Optional<String> etag)
      throws IOException {
    etag.ifPresent(value -> exchange.getResponseHeaders().set("ETag", value));
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
