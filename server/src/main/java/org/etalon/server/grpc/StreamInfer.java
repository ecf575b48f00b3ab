package org.etalon.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import org.etalon.engine.Engine;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.protocol.wire.SharedMemory;

/** {@code ModelStreamInfer}: any number of requests and answers in one call. Thread-safe. */
final class StreamInfer implements ServerCallHandler<ReceivedMessage, EncodedMessage> {
  /** Clients that set it to true want the call to end with the first error. */
  static final Metadata.Key<String> TRITON_GRPC_ERROR =
      Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

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
  public ServerCall.Listener<ReceivedMessage> startCall(
      ServerCall<ReceivedMessage, EncodedMessage> call, Metadata headers) {
    boolean endsOnError = "true".equalsIgnoreCase(headers.get(TRITON_GRPC_ERROR));
    call.sendHeaders(new Metadata());
    call.request(window);
    return new InferStream(call, engine, shared, endsOnError);
  }
}
