package org.etalon.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.etalon.engine.Engine;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.EncodedMessage;
import org.etalon.protocol.wire.InferRequestDecoder;
import org.etalon.protocol.wire.InferResponseEncoder;
import org.etalon.protocol.wire.SharedMemory;
import org.etalon.server.internal.OutputWishes;
import org.etalon.server.internal.RequestErrors;
import org.jspecify.annotations.Nullable;

/**
 * One {@code ModelStreamInfer} call. Answers leave in the order they come from the engine, which
 * keeps the order of a sequence.
 *
 * <p>gRPC calls the listener's methods one after another on the connection's event loop; answers
 * come on instances' threads. Whatever touches the call or the counts below runs in {@link
 * #actions}. A reader too slow for its answers is given no more room for requests, so that what is
 * kept for it stays within the window.
 */
final class InferStream extends ServerCall.Listener<ReceivedMessage> {
  private static final String WANTS_FINAL = "triton_enable_empty_final_response";
  private static final String IS_FINAL = "triton_final_response";

  private final ServerCall<ReceivedMessage, EncodedMessage> call;
  private final Engine engine;
  private final Consumer<String> access;
  private final boolean endsOnError;
  private final SharedMemory shared;
  private final SerialActions actions = new SerialActions();
  private final Set<Request> inFlight = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  /** Requests to be answered, and one more until the client has ended its side. */
  private int open = 1;

  /** Requests answered for which no new one has been let in yet. */
  private int owed;

  /**
   * @param access throws where the asker may not ask the model of that name
   */
  InferStream(
      ServerCall<ReceivedMessage, EncodedMessage> call,
      Engine engine,
      Consumer<String> access,
      SharedMemory shared,
      boolean endsOnError) {
    this.shared = shared;
    this.call = call;
    this.engine = engine;
    this.access = access;
    this.endsOnError = endsOnError;
  }

  @Override
  public void onMessage(ReceivedMessage message) {
    if (isClosed) {
      message.release();
      return;
    }
    actions.run(() -> open++);
    InferenceRequest request;
    OutputWishes wishes;
    try {
      request = InferRequestDecoder.decode(message.memory(), shared);
      access.accept(request.model().name());
      wishes = OutputWishes.of(request, shared, engine);
    } catch (ServingException e) {
      Optional<String> id = InferRequestDecoder.idOf(message.memory());
      message.release();
      actions.run(() -> fail(id, e));
      return;
    }
    submit(request, wishes, message);
  }

  private void submit(InferenceRequest request, OutputWishes wishes, ReceivedMessage message) {
    Request handler = new Request(request, wishes, message);
    inFlight.add(handler);
    handler.inference = engine.submit(request, handler);
  }

  @Override
  public void onHalfClose() {
    actions.run(this::closeOne);
  }

  @Override
  public void onReady() {
    actions.run(this::letIn);
    for (Request request : inFlight) {
      request.resume();
    }
  }

  @Override
  public void onCancel() {
    isClosed = true;
    cancelAll();
  }

  private void cancelAll() {
    for (Request request : inFlight) {
      request.cancel();
    }
  }

  private void answer(InferenceResponse response, Request request, boolean isLast) {
    try (response) {
      boolean isEmptyEnd = isLast && response.outputs().isEmpty();
      if (!isClosed && (request.wantsFinal || !isEmptyEnd)) {
        InferenceResponse wanted = request.wishes.grant(response);
        call.sendMessage(
            InferResponseEncoder.encodeStreamed(
                request.wantsFinal ? withFinal(wanted, isLast) : wanted, request.wishes.places()));
      }
    } catch (ServingException e) {
      send(request.id, e);
    }
    if (isLast) {
      finishOne();
    }
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

  private void fail(Optional<String> id, ServingException error) {
    send(id, error);
    finishOne();
  }

  private void send(Optional<String> id, ServingException error) {
    if (isClosed) {
      return;
    }
    if (endsOnError) {
      close(GrpcStatuses.ofRequest(id, error));
      cancelAll();
    } else {
      call.sendMessage(InferResponseEncoder.encodeStreamedError(id, RequestErrors.text(id, error)));
    }
  }

  private void finishOne() {
    owed++;
    letIn();
    closeOne();
  }

  private void letIn() {
    if (owed > 0 && !isClosed && call.isReady()) {
      call.request(owed);
      owed = 0;
    }
  }

  private void closeOne() {
    open--;
    if (open == 0 && !isClosed) {
      close(Status.OK);
    }
  }

  private void close(Status status) {
    isClosed = true;
    call.close(status, new Metadata());
  }

  /** One request of the stream, and the memory it borrows. */
  private final class Request implements ResponseHandler {
    private final Optional<String> id;
    private final boolean wantsFinal;
    private final OutputWishes wishes;
    private final ReceivedMessage message;
    private volatile @Nullable InferenceCall inference;

    Request(InferenceRequest request, OutputWishes wishes, ReceivedMessage message) {
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
      return call.isReady();
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      if (isLast) {
        end();
      }
      actions.run(() -> answer(response, this, isLast));
    }

    @Override
    public void onError(ServingException error) {
      end();
      actions.run(() -> fail(id, error));
    }

    private void end() {
      inFlight.remove(this);
      message.release();
    }
  }
}
