package org.etalon.server.grpc;

import io.netty.handler.codec.http2.Http2Headers;
import org.etalon.engine.Engine;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.http2.Http2Stream;

/** {@code ModelStreamInfer}: any number of requests and answers in one call. Thread-safe. */
final class StreamInfer implements GrpcMethod {
  /** Clients that set it to true want the call to end with the first error. */
  static final String TRITON_GRPC_ERROR = "triton_grpc_error";

  private final Engine engine;
  private final SharedMemory shared;
  private final int window;

  /**
   * @param window requests of a stream that may be unanswered before the next is read
   */
  StreamInfer(Engine engine, SharedMemory shared, int window) {
    this.shared = shared;
    this.engine = engine;
    this.window = window;
  }

  @Override
  public GrpcCall start(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
    InferStream call = new InferStream(stream, headers, settings, engine, shared);
    call.sendHeaders();
    call.request(window);
    return call;
  }
}
