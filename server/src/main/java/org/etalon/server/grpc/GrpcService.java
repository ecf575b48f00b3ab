package org.etalon.server.grpc;

import io.grpc.Status;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.etalon.server.internal.http2.HeaderBlock;
import org.etalon.server.internal.http2.Http2Service;
import org.etalon.server.internal.http2.Http2Stream;
import org.etalon.server.internal.http2.StreamListener;

/**
 * Finds the method behind a stream's path.
 *
 * @see <a href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">gRPC over HTTP2</a>
 */
final class GrpcService implements Http2Service {
  private static final String GRPC = "application/grpc";
  private static final AsciiString POST = AsciiString.cached("POST");
  private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  private static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
  private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

  private final Map<AsciiString, GrpcMethod> methods = new HashMap<>();
  private final GrpcSettings settings;

  /**
   * @param methods by their full names, such as {@code grpc.health.v1.Health/Check}
   */
  GrpcService(Map<String, GrpcMethod> methods, GrpcSettings settings) {
    methods.forEach((name, method) -> this.methods.put(AsciiString.of("/" + name), method));
    this.settings = settings;
  }

  @Override
  public StreamListener open(Http2Stream stream, Http2Headers headers) {
    CharSequence type = headers.get(CONTENT_TYPE);
    if (!POST.contentEquals(headers.method())) {
      return refuse(stream, 405, "method %s (expected: POST)".formatted(headers.method()));
    }
    if (type == null || !AsciiString.of(type).startsWith(GRPC)) {
      return refuse(stream, 415, "content-type: %s (expected: application/grpc)".formatted(type));
    }
    GrpcMethod method = methods.get(AsciiString.of(headers.path()));
    if (method == null) {
      return fail(
          stream, Status.UNIMPLEMENTED.withDescription("Method not found: " + headers.path()));
    }
    CharSequence encoding = headers.get(ENCODING);
    if (MessageCoding.named(encoding).isEmpty()) {
      return fail(
          stream,
          Status.UNIMPLEMENTED.withDescription(
              "grpc-encoding: %s (expected: %s)".formatted(encoding, MessageCoding.ACCEPTED)));
    }
    OptionalLong timeout;
    try {
      timeout = GrpcTimeout.nanos(headers.get(TIMEOUT));
    } catch (IllegalArgumentException e) {
      return fail(stream, Status.INTERNAL.withDescription(e.getMessage()));
    }
    GrpcCall call = method.start(stream, headers, settings);
    call.begin(timeout);
    return call;
  }

  private static StreamListener fail(Http2Stream stream, Status status) {
    stream.sendOnlyHeaders(GrpcBlocks.trailersOnly(status));
    return new Refused(stream, () -> {});
  }

  /** What is not gRPC is answered as HTTP, once it is whole. */
  private static StreamListener refuse(Http2Stream stream, int status, String text) {
    return new Refused(
        stream,
        () -> {
          stream.sendHeaders(
              HeaderBlock.ofStatus(status).with("content-type", "text/plain").build());
          stream.sendData(
              new BufferPayload(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8))));
          stream.end();
        });
  }

  /** What comes on a stream that is not taken is thrown away. */
  private record Refused(Http2Stream stream, Runnable atEnd) implements StreamListener {
    @Override
    public void onData(ByteBuf buffer, int at, int length) {
      stream.consumed(length);
    }

    @Override
    public void onEnd() {
      atEnd.run();
    }

    @Override
    public void onGone() {}

    @Override
    public void onWritable() {}
  }
}
