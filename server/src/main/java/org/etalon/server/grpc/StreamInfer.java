package org.etalon.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import java.util.function.Consumer;
import org.etalon.engine.Engine;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.Right;

/** {@code ModelStreamInfer}: any number of requests and answers in one call. Thread-safe. */
final class StreamInfer implements ServerCallHandler<ReceivedMessage, EncodedMessage> {
  /** Clients that set it to true want the call to end with the first error. */
  static final Metadata.Key<String> TRITON_GRPC_ERROR =
      Metadata.Key.of("triton_grpc_error", Metadata.ASCII_STRING_MARSHALLER);

  private final Engine engine;
  private final AccessControl access;
  private final SharedMemory shared;
  private final int window;

  /**
   * @param window requests of a stream that may be unanswered before the next is read
   */
  StreamInfer(Engine engine, AccessControl access, SharedMemory shared, int window) {
    this.access = access;
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
    String authorization = headers.get(AccessInterceptor.AUTHORIZATION);
    Consumer<String> check = model -> access.check(authorization, Right.INFER, model);
    return new InferStream(call, engine, check, shared, endsOnError);
  }
}
