package org.etalon.server.observation;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Stands in for an OpenTelemetry collector: takes OTLP over HTTP and reads of each span what tests
 * look at.
 *
 * @see <a href="https://github.com/open-telemetry/opentelemetry-proto">trace.proto, version 1</a>
 */
final class Collector implements AutoCloseable {
  /** Ids are in hexadecimal; times in nanoseconds since 1970. */
  record Span(
      String traceId,
      String spanId,
      String parentId,
      String name,
      long start,
      long end,
      List<String> events,
      String resource,
      boolean isError) {}

  private final HttpServer server;
  private final BlockingQueue<Span> spans = new LinkedBlockingQueue<>();

  Collector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/traces",
        exchange -> {
          read(exchange.getRequestBody().readAllBytes());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
  }

  /** What has come so far, by name. */
  Map<String, Span> byName() {
    Map<String, Span> byName = new HashMap<>();
    spans.forEach(span -> byName.put(span.name(), span));
    return byName;
  }

  /** The span of that name, which must have come. */
  Span named(String name) {
    return spans.stream().filter(span -> span.name().equals(name)).findFirst().orElseThrow();
  }

  /** The values of a message's fields, by number: bytes, or a number. */
  private static Map<Integer, List<Object>> fields(byte[] message) throws IOException {
    Map<Integer, List<Object>> fields = new HashMap<>();
    CodedInputStream in = CodedInputStream.newInstance(message);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      Object value =
          switch (WireFormat.getTagWireType(tag)) {
            case WireFormat.WIRETYPE_VARINT -> in.readUInt64();
            case WireFormat.WIRETYPE_FIXED64 -> in.readFixed64();
            case WireFormat.WIRETYPE_FIXED32 -> (long) in.readFixed32();
            default -> in.readByteArray();
          };
      fields.computeIfAbsent(WireFormat.getTagFieldNumber(tag), _ -> new ArrayList<>()).add(value);
    }
    return fields;
  }

  private static List<byte[]> messages(Map<Integer, List<Object>> fields, int number) {
    return fields.getOrDefault(number, List.of()).stream().map(byte[].class::cast).toList();
  }

  private static String text(Map<Integer, List<Object>> fields, int number) {
    List<byte[]> values = messages(fields, number);
    return values.isEmpty()
        ? ""
        : new String(values.getFirst(), java.nio.charset.StandardCharsets.UTF_8);
  }

  private static long number(Map<Integer, List<Object>> fields, int number) {
    return (long) fields.getOrDefault(number, List.of(0L)).getFirst();
  }

  private static String hex(Map<Integer, List<Object>> fields, int number) {
    List<byte[]> values = messages(fields, number);
    return values.isEmpty() ? "" : HexFormat.of().formatHex(values.getFirst());
  }

  private void read(byte[] request) throws IOException {
    for (byte[] resourceSpans : messages(fields(request), 1)) {
      var ofResource = fields(resourceSpans);
      var attributes = new StringBuilder();
      for (byte[] resource : messages(ofResource, 1)) {
        for (byte[] attribute : messages(fields(resource), 1)) {
          var pair = fields(attribute);
          String value = text(fields(messages(pair, 2).getFirst()), 1);
          attributes.append(text(pair, 1)).append('=').append(value).append(' ');
        }
      }
      for (byte[] scopeSpans : messages(ofResource, 2)) {
        for (byte[] span : messages(fields(scopeSpans), 2)) {
          spans.add(span(fields(span), attributes.toString()));
        }
      }
    }
  }

  private static Span span(Map<Integer, List<Object>> span, String resource) throws IOException {
    List<String> events = new ArrayList<>();
    for (byte[] event : messages(span, 11)) {
      events.add(text(fields(event), 2));
    }
    List<byte[]> status = messages(span, 15);
    boolean isError =
        !status.isEmpty() && fields(status.getFirst()).getOrDefault(3, List.of()).contains(2L);
    return new Span(
        hex(span, 1),
        hex(span, 2),
        hex(span, 4),
        text(span, 5),
        number(span, 7),
        number(span, 8),
        events,
        resource,
        isError);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
