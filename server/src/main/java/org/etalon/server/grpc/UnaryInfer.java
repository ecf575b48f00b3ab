package org.etalon.server.grpc;

import io.grpc.Status;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Optional;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.etalon.protocol.wire.InferResponseEncoder;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.OutputWishes;
import org.etalon.server.internal.http2.Http2Stream;
import org.etalon.server.security.Right;
import org.jspecify.annotations.Nullable;

/**
 * {@code ModelInfer}: one request, one answer. Thread-safe.
 *
 * <p>Requests go to the engine when the event loop has read all that has come, so that those that
 * came together wake an instance once and share its batch; answers of a batch leave when the event
 * loop has encoded all that are there.
 */
final class UnaryInfer implements GrpcMethod {
  private static final String DECOUPLED =
      "ModelInfer RPC doesn't support models with decoupled transaction policy";

  private final Engine engine;
  private final SharedMemory shared;

  UnaryInfer(Engine engine, SharedMemory shared) {
    this.shared = shared;
    this.engine = engine;
  }

  @Override
  public GrpcCall start(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
    Call call = new Call(stream, headers, settings);
    // One message and the end of the stream behind it.
    call.request(2);
    return call;
  }

  /**
   * One call. The engine calls the handler's methods on an instance's thread, or on the event loop
   * inside submit; what it brings is kept here and written by {@link #run} on the event loop, which
   * is also what submits.
   */
  private final class Call extends GrpcCall implements ResponseHandler, Runnable {
    private @Nullable ReceivedMessage message;
    private @Nullable InferenceCall inference;
    private Optional<String> id = Optional.empty();
    private OutputWishes wishes = OutputWishes.none();
    private boolean isSubmitted;

    /** The engine's answer, or why there is none. Handed over to the event loop. */
    private @Nullable InferenceResponse response;

    private @Nullable ServingException error;

    Call(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
      super(stream, headers, settings);
    }

    @Override
    void onMessage(ReceivedMessage received) {
      if (message != null) {
        received.release();
        refuse(Status.INTERNAL.withDescription("ModelInfer: a second request in one call"));
        return;
      }
      message = received;
    }

    @Override
    void onHalfClose() {
      if (message == null) {
        close(Status.INTERNAL.withDescription("ModelInfer: the call ended without a request"));
      } else if (!execute(this)) {
        releaseUnlessSubmitted();
      }
    }

    @Override
    public void run() {
      if (!isSubmitted) {
        submit();
      } else {
        answer();
      }
    }

    private void submit() {
      ReceivedMessage received = message;
      if (isClosed() || received == null) {
        return; // whoever closed it has released the message
      }
      long receivedNanos = System.nanoTime();
      InferenceRequest request;
      try {
        request = withForwarded(InferRequestDecoder.decode(received.memory(), shared));
        id = request.id();
        settings().access().check(authorization(), Right.INFER, request.model().name());
        requireSingleAnswer(request);
        wishes = OutputWishes.of(request, shared, engine);
      } catch (ServingException e) {
        id = InferRequestDecoder.idOf(received.memory());
        received.release();
        close(GrpcStatuses.ofRequest(id, e));
        return;
      }
      ResponseHandler watched = watch(request, this, receivedNanos);
      isSubmitted = true;
      inference = engine.submit(request, watched);
    }

    private void requireSingleAnswer(InferenceRequest request) {
      if (engine.isDecoupled(request.model())) {
        throw new ServingException(ErrorCode.UNIMPLEMENTED, DECOUPLED);
      }
    }

    @Override
    public void onResponse(InferenceResponse given, boolean isLast) {
      if (isLast && response == null && error == null) {
        response = given;
      } else {
        given.close();
        error = new ServingException(ErrorCode.UNIMPLEMENTED, DECOUPLED);
      }
      if (isLast) {
        handOver();
      }
    }

    @Override
    public void onError(ServingException given) {
      error = given;
      handOver();
    }

    /** The engine no longer reads the request. */
    private void handOver() {
      if (message != null) {
        message.release();
      }
      if (!execute(this) && response != null) {
        response.close();
      }
    }

    private void answer() {
      InferenceResponse given = response;
      if (error != null || given == null) {
        close(error == null ? Status.INTERNAL : GrpcStatuses.ofRequest(id, error));
        return;
      }
      try (given) {
        if (!isClosed()) {
          InferenceResponse wanted = wishes.grant(given);
          sendMessage(new EncodedPayload(InferResponseEncoder.encode(wanted, wishes.places())));
          close(Status.OK);
        }
      } catch (ServingException e) {
        close(GrpcStatuses.ofRequest(id, e));
      }
    }

    private void refuse(Status status) {
      close(status);
      onCancel();
    }

    @Override
    void onCancel() {
      if (inference != null) {
        inference.cancel();
      }
      releaseUnlessSubmitted();
    }

    /** From submit on the engine says when the message is no longer needed. */
    private void releaseUnlessSubmitted() {
      if (!isSubmitted && message != null) {
        message.release();
      }
    }
  }
}
