package org.etalon.server.observation;

import java.io.ByteArrayOutputStream;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.request.RequestTrace.Timestamp;
import org.etalon.protocol.json.JsonText;
import org.etalon.server.observation.FinishedTrace.TracedTensor;

/**
 * Writes a trace as Triton's trace files have it: objects that are told apart by the trace's id.
 */
final class TraceText {
  private final FinishedTrace finished;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private TraceText(FinishedTrace finished) {
    this.finished = finished;
  }

  /** The trace's objects, with commas between them; UTF-8. */
  static byte[] of(FinishedTrace finished) {
    TraceText text = new TraceText(finished);
    text.write(finished.trace());
    finished.tensors().forEach(text::write);
    return text.out.toByteArray();
  }

  private void write(RequestTrace trace) {
    add(
        JsonText.of(json -> {
          json.writeStartObject();
          json.writeStringProperty("model_name", trace.model());
          json.writeNumberProperty("model_version", trace.version());
          json.writeNumberProperty("id", trace.id());
          finished.requestId().ifPresent(id -> json.writeStringProperty("request_id", id));
          trace.parent().ifPresent(id -> json.writeNumberProperty("parent_id", id));
          json.writeEndObject();
        }));
    if (finished.settings().hasTimestamps()) {
      trace.timestamps().forEach(timestamp -> write(trace.id(), timestamp));
    }
    trace.children().forEach(this::write);
  }

  private void write(long id, Timestamp timestamp) {
    add(
        JsonText.of(json -> {
          json.writeStartObject();
          json.writeNumberProperty("id", id);
          json.writeArrayPropertyStart("timestamps");
          json.writeStartObject();
          json.writeStringProperty("name", name(finished.protocol(), timestamp.moment()));
          json.writeNumberProperty("ns", timestamp.nanos());
          json.writeEndObject();
          json.writeEndArray();
          json.writeEndObject();
        }));
  }

  /** As Triton names it. */
  static String name(Protocol protocol, Moment moment) {
    boolean isHttp = protocol == Protocol.HTTP;
    return switch (moment) {
      case RECV_START -> isHttp ? "HTTP_RECV_START" : "GRPC_WAITREAD_START";
      case RECV_END -> isHttp ? "HTTP_RECV_END" : "GRPC_WAITREAD_END";
      case SEND_START, SEND_END -> protocol.name() + "_" + moment.name();
      case REQUEST_START,
          QUEUE_START,
          COMPUTE_START,
          COMPUTE_INPUT_END,
          COMPUTE_OUTPUT_START,
          COMPUTE_END,
          REQUEST_END ->
          moment.name();
    };
  }

  private void write(TracedTensor tensor) {
    add(
        JsonText.of(json -> {
          json.writeStartObject();
          json.writeNumberProperty("id", finished.trace().id());
          json.writeStringProperty("activity", tensor.activity());
          json.writeObjectPropertyStart("tensor");
          json.writeStringProperty("name", tensor.name());
          tensor
              .elements()
              .ifPresent(
                  elements -> json.writeStringProperty("data", TensorText.elements(elements)));
          json.writeStringProperty("shape", TensorText.shape(tensor.shape()));
          json.writeStringProperty("dtype", tensor.datatype().name());
          json.writeEndObject();
          json.writeEndObject();
        }));
  }

  private void add(byte[] object) {
    if (out.size() > 0) {
      out.write(',');
      out.write('\n');
    }
    out.writeBytes(object);
  }
}
