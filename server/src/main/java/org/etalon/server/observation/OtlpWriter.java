package org.etalon.server.observation;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * Sends traces to an OpenTelemetry collector, as OTLP over HTTP in protobuf. Owned by one thread.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp">OTLP/HTTP</a>
 */
final class OtlpWriter implements TraceWriter {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int ATTRIBUTES = 1;
  private static final int RESOURCE = 1;
  private static final int SCOPE = 1;
  private static final int SCOPE_NAME = 1;
  private static final int SPANS = 2;
  private static final int SCOPE_SPANS = 2;
  private static final int RESOURCE_SPANS = 1;

  private final TraceConfig config;
  private final SpanMessages spans = new SpanMessages();
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  OtlpWriter(TraceConfig config) {
    this.config = config;
  }

  @Override
  public void write(List<FinishedTrace> traces) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(config.url())
            .timeout(TIMEOUT)
            .header("Content-Type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(message(traces).toBytes()))
            .build();
    try {
      HttpResponse<Void> answer = client.send(request, HttpResponse.BodyHandlers.discarding());
      if (answer.statusCode() / 100 != 2) {
        throw new IOException("%s answers %d".formatted(config.url(), answer.statusCode()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("given up while sending to " + config.url(), e);
    }
  }

  private ProtoMessage message(List<FinishedTrace> traces) throws IOException {
    ProtoMessage resource = new ProtoMessage();
    for (var attribute : config.resource().entrySet()) {
      resource.message(
          ATTRIBUTES, SpanMessages.attribute(attribute.getKey(), attribute.getValue()));
    }
    ProtoMessage scope = new ProtoMessage().text(SCOPE_NAME, "org.etalon");
    ProtoMessage ofScope = new ProtoMessage().message(SCOPE, scope);
    for (FinishedTrace trace : traces) {
      for (ProtoMessage span : spans.of(trace)) {
        ofScope.message(SPANS, span);
      }
    }
    return new ProtoMessage()
        .message(
            RESOURCE_SPANS,
            new ProtoMessage().message(RESOURCE, resource).message(SCOPE_SPANS, ofScope));
  }
}
