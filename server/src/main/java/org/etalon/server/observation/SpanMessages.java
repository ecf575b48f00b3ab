package org.etalon.server.observation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.request.RequestTrace.Timestamp;

/**
 * Makes the spans of a request: one for all of it, one for each step of an ensemble, and within
 * these {@code queue} and {@code compute}. Owned by one thread.
 *
 * @see <a
 *     href="https://github.com/open-telemetry/opentelemetry-proto/blob/v1.3.2/opentelemetry/proto/trace/v1/trace.proto">trace.proto</a>
 */
final class SpanMessages {
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  private static final int PARENT_ID = 4;
  private static final int NAME = 5;
  private static final int KIND = 6;
  private static final int START = 7;
  private static final int END = 8;
  private static final int ATTRIBUTES = 9;
  private static final int EVENTS = 11;
  private static final int STATUS = 15;
  private static final int EVENT_TIME = 1;
  private static final int EVENT_NAME = 2;
  private static final int STATUS_TEXT = 2;
  private static final int STATUS_CODE = 3;
  private static final int KEY = 1;
  private static final int VALUE = 2;
  private static final int TEXT_VALUE = 1;
  private static final long INTERNAL = 1;
  private static final long SERVER = 2;
  private static final long ERROR = 2;
  private static final HexFormat HEX = HexFormat.of();
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final SplittableRandom random = new SplittableRandom();

  /**
   * Where new spans belong, by ids in hexadecimal, and how {@link System#nanoTime}'s clock is tied
   * to that on the wall.
   */
  private record Place(String traceId, String parentId, long clockOffset) {
    Place within(String span) {
      return new Place(traceId, span, clockOffset);
    }
  }

  List<ProtoMessage> of(FinishedTrace finished) throws IOException {
    String traceId = finished.parent().map(TraceParent::traceId).orElseGet(() -> id(16));
    String parentId = finished.parent().map(TraceParent::spanId).orElse("");
    long offset = System.currentTimeMillis() * NANOS_PER_MILLI - System.nanoTime();
    Place outside = new Place(traceId, parentId, offset);
    List<ProtoMessage> spans = new ArrayList<>();
    RequestTrace trace = finished.trace();
    String id = id(8);
    List<Timestamp> times = trace.timestamps();
    ProtoMessage root =
        span(outside, id, "InferRequest", SERVER, times.getFirst(), times.getLast())
            .message(ATTRIBUTES, attribute("triton.model_name", trace.model()))
            .message(ATTRIBUTES, attribute("triton.model_version", "" + trace.version()));
    if (finished.requestId().isPresent()) {
      root.message(ATTRIBUTES, attribute("triton.request_id", finished.requestId().get()));
    }
    for (Timestamp time : times) {
      root.message(EVENTS, event(finished.protocol(), time, offset));
    }
    if (finished.error().isPresent()) {
      root.message(
          STATUS,
          new ProtoMessage().text(STATUS_TEXT, finished.error().get()).number(STATUS_CODE, ERROR));
    }
    spans.add(root);
    addParts(trace, outside.within(id), spans);
    return spans;
  }

  private void addParts(RequestTrace trace, Place place, List<ProtoMessage> spans)
      throws IOException {
    addStage("queue", trace, Moment.QUEUE_START, Moment.COMPUTE_START, place, spans);
    addStage("compute", trace, Moment.COMPUTE_START, Moment.COMPUTE_END, place, spans);
    for (RequestTrace step : trace.children()) {
      List<Timestamp> times = step.timestamps();
      if (!times.isEmpty()) {
        String id = id(8);
        spans.add(span(place, id, step.model(), INTERNAL, times.getFirst(), times.getLast()));
        addParts(step, place.within(id), spans);
      }
    }
  }

  private void addStage(
      String name,
      RequestTrace trace,
      Moment from,
      Moment to,
      Place place,
      List<ProtoMessage> spans)
      throws IOException {
    Optional<Timestamp> begin = first(trace, from);
    Optional<Timestamp> end = first(trace, to);
    if (begin.isPresent() && end.isPresent()) {
      spans.add(span(place, id(8), name, INTERNAL, begin.get(), end.get()));
    }
  }

  private static Optional<Timestamp> first(RequestTrace trace, Moment moment) {
    return trace.timestamps().stream().filter(time -> time.moment() == moment).findFirst();
  }

  private static ProtoMessage span(
      Place place, String id, String name, long kind, Timestamp from, Timestamp to)
      throws IOException {
    return new ProtoMessage()
        .bytes(TRACE_ID, HEX.parseHex(place.traceId()))
        .bytes(SPAN_ID, HEX.parseHex(id))
        .bytes(PARENT_ID, HEX.parseHex(place.parentId()))
        .text(NAME, name)
        .number(KIND, kind)
        .fixed64(START, from.nanos() + place.clockOffset())
        .fixed64(END, to.nanos() + place.clockOffset());
  }

  private static ProtoMessage event(Protocol protocol, Timestamp time, long offset)
      throws IOException {
    return new ProtoMessage()
        .fixed64(EVENT_TIME, time.nanos() + offset)
        .text(EVENT_NAME, TraceText.name(protocol, time.moment()));
  }

  static ProtoMessage attribute(String key, String value) throws IOException {
    return new ProtoMessage()
        .text(KEY, key)
        .message(VALUE, new ProtoMessage().text(TEXT_VALUE, value));
  }

  /** In hexadecimal; not all zeros, which would be no id. */
  private String id(int bytes) {
    ByteBuffer id = ByteBuffer.allocate(bytes);
    while (id.hasRemaining()) {
      id.putLong(random.nextLong() | 1);
    }
    return HEX.formatHex(id.array());
  }
}
