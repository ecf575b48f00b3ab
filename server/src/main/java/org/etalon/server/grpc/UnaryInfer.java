package org.etalon.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.etalon.protocol.wire.InferResponseEncoder;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.OutputWishes;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.Right;
import org.jspecify.annotations.Nullable;

/**
 * {@code ModelInfer}: one request, one answer. Thread-safe.
 *
 * <p>Requests go to the engine when the event loop has read all that has come, so that those that
 * came together wake an instance once and share its batch.
 */
final class UnaryInfer implements ServerCallHandler<ReceivedMessage, EncodedMessage> {
  private static final String DECOUPLED =
      "ModelInfer RPC doesn't support models with decoupled transaction policy";

  private final Engine engine;
  private final EventLoops loops;
  private final AccessControl access;
  private final SharedMemory shared;

  UnaryInfer(Engine engine, EventLoops loops, AccessControl access, SharedMemory shared) {
    this.access = access;
    this.shared = shared;
    this.engine = engine;
    this.loops = loops;
  }

  @Override
  public ServerCall.Listener<ReceivedMessage> startCall(
      ServerCall<ReceivedMessage, EncodedMessage> call, Metadata headers) {
    // One message and the end of the stream behind it.
    call.request(2);
    return new Call(call, headers.get(AccessInterceptor.AUTHORIZATION));
  }

  /**
   * One call. gRPC calls the listener's methods one after another, on the connection's event loop;
   * the engine calls the handler's on an instance's thread, or on the event loop inside submit.
   */
  private final class Call extends ServerCall.Listener<ReceivedMessage> implements ResponseHandler {
    private final ServerCall<ReceivedMessage, EncodedMessage> call;
    private final @Nullable String authorization;
    private final AtomicBoolean isAnswered = new AtomicBoolean();
    private @Nullable ReceivedMessage message;
    private @Nullable InferenceCall inference;
    private Optional<String> id = Optional.empty();
    private OutputWishes wishes = OutputWishes.none();
    private boolean isSubmitted;

    Call(ServerCall<ReceivedMessage, EncodedMessage> call, @Nullable String authorization) {
      this.call = call;
      this.authorization = authorization;
    }

    @Override
    public void onMessage(ReceivedMessage received) {
      if (message != null) {
        received.release();
        close(Status.INTERNAL.withDescription("ModelInfer: a second request in one call"));
        return;
      }
      message = received;
    }

    @Override
    public void onHalfClose() {
      if (message == null) {
        close(Status.INTERNAL.withDescription("ModelInfer: the call ended without a request"));
        return;
      }
      ReceivedMessage received = message;
      loops.afterReading(() -> submit(received));
    }

    private void submit(ReceivedMessage received) {
      if (isAnswered.get()) {
        received.release();
        return;
      }
      InferenceRequest request;
      try {
        request = InferRequestDecoder.decode(received.memory(), shared);
        id = request.id();
        access.check(authorization, Right.INFER, request.model().name());
        wishes = OutputWishes.of(request, shared, engine);
      } catch (ServingException e) {
        id = InferRequestDecoder.idOf(received.memory());
        received.release();
        fail(e);
        return;
      }
      if (engine.isDecoupled(request.model())) {
        received.release();
        close(Status.UNIMPLEMENTED.withDescription(DECOUPLED));
        return;
      }
      isSubmitted = true;
      inference = engine.submit(request, this);
    }

    @Override
    public void onCancel() {
      isAnswered.set(true);
      if (inference != null) {
        inference.cancel();
      }
      releaseUnlessSubmitted();
    }

    @Override
    public void onComplete() {
      releaseUnlessSubmitted();
    }

    /** From submit on the engine says when the message is no longer needed. */
    private void releaseUnlessSubmitted() {
      if (!isSubmitted) {
        releaseMessage();
      }
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      try (response) {
        if (isLast) {
          answer(response);
        } else {
          close(Status.UNIMPLEMENTED.withDescription(DECOUPLED));
        }
      } finally {
        if (isLast) {
          releaseMessage();
        }
      }
    }

    private void answer(InferenceResponse response) {
      if (!isAnswered.compareAndSet(false, true)) {
        return;
      }
      EncodedMessage encoded;
      try {
        encoded = InferResponseEncoder.encode(wishes.grant(response), wishes.places());
      } catch (ServingException e) {
        call.close(GrpcStatuses.ofRequest(id, e), new Metadata());
        return;
      }
      call.sendHeaders(new Metadata());
      call.sendMessage(encoded);
      call.close(Status.OK, new Metadata());
    }

    @Override
    public void onError(ServingException error) {
      releaseMessage();
      fail(error);
    }

    private void fail(ServingException error) {
      close(GrpcStatuses.ofRequest(id, error));
    }

    private void close(Status status) {
      if (isAnswered.compareAndSet(false, true)) {
        call.close(status, new Metadata());
      }
    }

    private void releaseMessage() {
      if (message != null) {
        message.release();
      }
    }
  }
}
