package org.etalon.server.grpc;

import io.grpc.Status;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.etalon.protocol.wire.InferResponseEncoder;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.OutputWishes;
import org.etalon.server.internal.RequestErrors;
import org.etalon.server.internal.http2.Http2Stream;
import org.etalon.server.security.Right;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ModelStreamInfer} call. Models that answer once are answered in the order of their
 * requests, decoupled ones as their answers come.
 *
 * <p>Answers come on instances' threads and are written on the event loop. A reader too slow for
 * its answers is given no more room for requests, so that what is kept for it stays within the
 * window.
 */
final class InferStream extends GrpcCall {
  private static final String WANTS_FINAL = "triton_enable_empty_final_response";
  private static final String IS_FINAL = "triton_final_response";

  /** Answers of a stream that may wait for the event loop. */
  private static final int MAX_UNWRITTEN = 64;

  private final Engine engine;
  private final SharedMemory shared;
  private final boolean endsOnError;
  private final Set<Request> inFlight = ConcurrentHashMap.newKeySet();
  private final AnswerOrder order = new AnswerOrder();

  /** Answers handed to the event loop and not written yet. */
  private final AtomicInteger unwritten = new AtomicInteger();

  /** The client reads more slowly than it is answered. Written by the event loop. */
  private volatile boolean isHeldBack;

  /** Somebody was told to wait, and is to be told to go on. */
  private volatile boolean hasTurnedDown;

  /** Requests to be answered, and one more until the client has ended its side. */
  private int open = 1;

  /** Requests answered for which no new one has been let in yet. */
  private int owed;

  InferStream(
      Http2Stream stream,
      Http2Headers headers,
      GrpcSettings settings,
      Engine engine,
      SharedMemory shared) {
    super(stream, headers, settings);
    this.engine = engine;
    this.shared = shared;
    this.endsOnError = "true".equalsIgnoreCase(header(StreamInfer.TRITON_GRPC_ERROR));
  }

  @Override
  void onMessage(ReceivedMessage message) {
    open++;
    long receivedNanos = System.nanoTime();
    InferenceRequest request;
    OutputWishes wishes;
    try {
      request = withForwarded(InferRequestDecoder.decode(message.memory(), shared));
      settings().access().check(authorization(), Right.INFER, request.model().name());
      wishes = OutputWishes.of(request, shared, engine);
    } catch (ServingException e) {
      Optional<String> id = InferRequestDecoder.idOf(message.memory());
      message.release();
      failInTurn(order.place(), id, e);
      return;
    } catch (RuntimeException | Error e) {
      message.release();
      throw e;
    }
    submit(request, wishes, message, receivedNanos);
  }

  private void submit(
      InferenceRequest request, OutputWishes wishes, ReceivedMessage message, long receivedNanos) {
    AnswerOrder.Turn turn = engine.isDecoupled(request.model()) ? null : order.place();
    Request handler = new Request(request, wishes, message, turn);
    ResponseHandler watched = watch(request, handler, receivedNanos);
    inFlight.add(handler);
    handler.inference = engine.submit(request, watched);
  }

  @Override
  void onHalfClose() {
    closeOne();
  }

  @Override
  void onReady() {
    letIn();
    resumeAnswers();
  }

  /** Models that were told to wait go on once their client reads again. */
  private void resumeAnswers() {
    isHeldBack = !isWritable();
    if (hasTurnedDown && !isHeldBack && unwritten.get() == 0) {
      hasTurnedDown = false;
      for (Request request : inFlight) {
        request.resume();
      }
    }
  }

  @Override
  void onCancel() {
    cancelAll();
  }

  private void cancelAll() {
    for (Request request : inFlight) {
      request.cancel();
    }
    order.end();
  }

  private void answerInTurn(InferenceResponse response, Request request, boolean isLast) {
    if (request.turn == null) {
      answer(response, request, isLast);
    } else {
      request.turn.answer(() -> answer(response, request, isLast));
    }
  }

  private void answer(InferenceResponse response, Request request, boolean isLast) {
    try (response) {
      boolean isEmptyEnd = isLast && response.outputs().isEmpty();
      if (!isClosed() && (request.wantsFinal || !isEmptyEnd)) {
        InferenceResponse wanted = request.wishes.grant(response);
        sendMessage(
            new EncodedPayload(
                InferResponseEncoder.encodeStreamed(
                    withFinal(wanted, isLast), request.wishes.places())));
      }
    } catch (ServingException e) {
      send(request.id, e);
    }
    unwritten.decrementAndGet();
    if (isLast) {
      finishOne();
    }
    resumeAnswers();
  }

  private static InferenceResponse withFinal(InferenceResponse response, boolean isLast) {
    Map<String, Parameter> parameters = new HashMap<>(response.parameters());
    parameters.put(IS_FINAL, new Parameter.Bool(isLast));
    return new InferenceResponse(
        response.modelName(),
        response.modelVersion(),
        response.id(),
        response.outputs(),
        parameters,
        response::close);
  }

  /** Where the first fault ends the call, nobody waits to hear of it. */
  private void failInTurn(
      AnswerOrder.@Nullable Turn turn, Optional<String> id, ServingException error) {
    if (turn == null || endsOnError) {
      fail(id, error);
    } else {
      turn.answer(() -> fail(id, error));
    }
  }

  private void fail(Optional<String> id, ServingException error) {
    send(id, error);
    finishOne();
  }

  private void send(Optional<String> id, ServingException error) {
    if (isClosed()) {
      return;
    }
    if (endsOnError) {
      close(GrpcStatuses.ofRequest(id, error));
      cancelAll();
    } else {
      sendMessage(
          new EncodedPayload(
              InferResponseEncoder.encodeStreamedError(id, RequestErrors.text(id, error))));
    }
  }

  private void finishOne() {
    owed++;
    letIn();
    closeOne();
  }

  private void letIn() {
    if (owed > 0 && !isClosed() && isWritable()) {
      int more = owed;
      owed = 0;
      request(more);
    }
  }

  private void closeOne() {
    open--;
    if (open == 0 && !isClosed()) {
      close(Status.OK);
    }
  }

  /** One request of the stream, and the memory it borrows. */
  private final class Request implements ResponseHandler {
    private final Optional<String> id;
    private final boolean wantsFinal;
    private final OutputWishes wishes;
    private final ReceivedMessage message;
    private final AnswerOrder.@Nullable Turn turn;
    private volatile @Nullable InferenceCall inference;

    /**
     * @param turn null if answers are given as they come, as those of decoupled models are
     */
    Request(
        InferenceRequest request,
        OutputWishes wishes,
        ReceivedMessage message,
        AnswerOrder.@Nullable Turn turn) {
      this.turn = turn;
      this.wishes = wishes;
      this.id = request.id();
      this.wantsFinal =
          request.parameters().get(WANTS_FINAL) instanceof Parameter.Bool(boolean value) && value;
      this.message = message;
    }

    void cancel() {
      InferenceCall submitted = inference;
      if (submitted != null) {
        submitted.cancel();
      }
    }

    void resume() {
      InferenceCall submitted = inference;
      if (submitted != null) {
        submitted.resume();
      }
    }

    @Override
    public boolean isReady() {
      boolean isReady = !isHeldBack && unwritten.get() < MAX_UNWRITTEN;
      if (!isReady) {
        hasTurnedDown = true;
      }
      return isReady;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      if (isLast) {
        end();
      }
      unwritten.incrementAndGet();
      if (!execute(() -> answerInTurn(response, this, isLast))) {
        response.close();
      }
    }

    @Override
    public void onError(ServingException error) {
      end();
      execute(() -> failInTurn(turn, id, error));
    }

    private void end() {
      inFlight.remove(this);
      message.release();
    }
  }
}
