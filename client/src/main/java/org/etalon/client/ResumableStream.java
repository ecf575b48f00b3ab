package org.etalon.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.etalon.client.StreamUpdates.Update;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.InferResponseDecoder;
import org.jspecify.annotations.Nullable;

/**
 * A stream that stays with one server while that is there, and goes on at the next when it is not.
 *
 * <p>All state belongs to one virtual thread, which takes what happens from a queue: updates,
 * answers, ends of calls. Answers of a call come in the order of what was sent on it, so each is
 * known by its place; those to updates that were answered before are dropped.
 */
final class ResumableStream implements InferenceStream, StreamCall.Listener {
  /** Updates that may be unanswered; servers let in fewer at a time by their own window. */
  private static final int WINDOW = 64;

  private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int MAX_DOUBLINGS = 6;

  /** A server may have lost the stream's state, so a first fault may not be the update's own. */
  private static final int MAX_FAULTS = 2;

  private sealed interface Event {
    record Sent(List<Tensor> inputs, boolean isEnd, CompletableFuture<InferenceResponse> answer)
        implements Event {}

    @SuppressWarnings("ArrayRecordComponent") // taken out once, never compared
    record Answered(StreamCall call, byte[] message) implements Event {}

    record Closed(StreamCall call, Status status) implements Event {}

    record GivenUp() implements Event {}
  }

  private final List<Session> servers;
  private final ModelId model;
  private final Sequence.Id id;
  private final Runnable onClosed;
  private final Semaphore room = new Semaphore(WINDOW);
  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Thread thread;

  // From here on: of the thread alone.
  private final StreamUpdates updates = new StreamUpdates();
  private int server;
  private @Nullable StreamCall call;

  /** What was sent on the call and has no answer on it, in order. */
  private final ArrayDeque<Update> expected = new ArrayDeque<>();

  /** Empty also until a server has been asked. */
  private Optional<StreamMemory> memory = Optional.empty();

  private boolean isMemoryKnown;
  private int failures;
  private long firstFailureNs;
  private @Nullable ServingException end;

  /**
   * @param servers at least one
   * @param server which of them to begin with
   * @param onClosed run once when the stream is closed
   */
  ResumableStream(
      List<Session> servers, int server, ModelId model, Sequence.Id id, Runnable onClosed) {
    this.servers = servers;
    this.server = server;
    this.model = model;
    this.id = id;
    this.onClosed = onClosed;
    this.thread = Thread.ofVirtual().name("etalon-stream-" + model).start(this::run);
  }

  @Override
  public CompletableFuture<InferenceResponse> send(List<Tensor> inputs)
      throws InterruptedException {
    return send(inputs, false);
  }

  @Override
  public CompletableFuture<InferenceResponse> end(List<Tensor> inputs) throws InterruptedException {
    return send(inputs, true);
  }

  private CompletableFuture<InferenceResponse> send(List<Tensor> inputs, boolean isEnd)
      throws InterruptedException {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("inputs: none (expected: those of the model)");
    }
    room.acquire();
    CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
    var _ = answer.whenComplete((_, _) -> room.release());
    events.add(new Event.Sent(inputs.stream().map(Tensor::copy).toList(), isEnd, answer));
    if (isClosed.get()) { // its thread may not see the update any more
      answer.completeExceptionally(givenUp());
    }
    return answer;
  }

  @Override
  public void onAnswer(StreamCall from, byte[] message) {
    events.add(new Event.Answered(from, message));
  }

  @Override
  public void onClose(StreamCall from, Status status) {
    events.add(new Event.Closed(from, status));
  }

  @Override
  public void close() {
    if (isClosed.compareAndSet(false, true)) {
      events.add(new Event.GivenUp());
      thread.interrupt(); // it may be waiting for a server
      onClosed.run();
    }
  }

  private void run() {
    try {
      boolean goesOn = true;
      while (goesOn) {
        goesOn = handle(events.take());
      }
    } catch (InterruptedException _) {
      fail(givenUp());
    } catch (RuntimeException e) {
      fail(ServingException.internal("the stream to model '%s' broke: %s".formatted(model, e), e));
    }
    for (Event left = events.poll(); left != null; left = events.poll()) {
      if (left instanceof Event.Sent sent) {
        sent.answer.completeExceptionally(end == null ? givenUp() : end);
      }
    }
  }

  private boolean handle(Event event) throws InterruptedException {
    switch (event) {
      case Event.Sent sent -> send(sent);
      case Event.Answered answered -> {
        if (answered.call == call) {
          answer(answered.message);
        }
      }
      case Event.Closed closed -> {
        if (closed.call == call) {
          call = null;
          closed(closed.status);
        }
      }
      case Event.GivenUp _ -> {
        fail(givenUp());
        return false;
      }
    }
    return true;
  }

  private void send(Event.Sent sent) throws InterruptedException {
    if (end != null) {
      sent.answer.completeExceptionally(end);
      return;
    }
    Update update = updates.add(sent.inputs, sent.isEnd, sent.answer);
    if (call == null) {
      connect();
    } else {
      send(update, update.isStart);
    }
  }

  private void send(Update update, boolean isStart) {
    expected.addLast(update);
    StreamCall to = call;
    if (to != null) {
      to.send(
          InferenceRequest.to(model)
              .inputs(update.inputs)
              .sequence(new Sequence(id, isStart, update.isEnd))
              .build());
    }
  }

  /** Opens a call and sends all that is to be sent, until one server takes it or time is over. */
  private void connect() throws InterruptedException {
    while (updates.firstUnanswered() != null && call == null && end == null) {
      if (isClosed.get()) {
        throw new InterruptedException("closed");
      }
      Session session = servers.get(server);
      session.connections().wake();
      if (!learnMemory(session)) {
        continue;
      }
      expected.clear();
      call = StreamCall.open(session.connections().next(), this);
      boolean isFirst = true;
      for (Update update : updates.all()) {
        send(update, isFirst || update.isStart);
        isFirst = false;
      }
    }
  }

  /** False if the server could not be asked; another try is due then, or the stream has failed. */
  private boolean learnMemory(Session session) throws InterruptedException {
    if (isMemoryKnown) {
      return true;
    }
    try {
      ControlCalls control = new ControlCalls(session);
      memory =
          StreamMemory.of(
              control.modelConfig(model), name -> control.modelConfig(ModelId.of(name)));
      isMemoryKnown = true;
      return true;
    } catch (ServingException e) {
      refused(e);
      return false;
    }
  }

  private void answer(byte[] message) {
    Update update = expected.pollFirst();
    if (update == null || update.isAnswered) {
      return; // of what was sent again
    }
    InferenceResponse response;
    try {
      response = InferResponseDecoder.decodeStreamed(message);
    } catch (ServingException e) {
      fail(e);
      return;
    }
    failures = 0;
    update.isAnswered = true;
    if (memory.isPresent()) {
      updates.trim(memory.get());
    } else {
      updates.forgetAnswered();
    }
    update.answer.complete(response);
  }

  private void closed(Status status) throws InterruptedException {
    if (updates.firstUnanswered() == null) {
      return; // told to move: the next update will
    }
    ServingException error =
        status.isOk()
            ? ServingException.unavailable("the server ended the stream")
            : Failure.exception(status);
    switch (Failure.of(status)) {
      case REFUSED, EXHAUSTED, OVERDUE -> refused(error);
      case FINAL -> {
        switch (error.code()) {
          case INVALID_ARGUMENT, INTERNAL -> faulted(error);
          case NOT_FOUND, UNAVAILABLE, RESOURCE_EXHAUSTED -> refused(error);
          default -> fail(error);
        }
      }
    }
    connect();
  }

  /** The server is not there, or not for this stream: on to the next, after a while. */
  private void refused(ServingException error) throws InterruptedException {
    long now = System.nanoTime();
    if (failures++ == 0) {
      firstFailureNs = now;
    }
    long windowNs = servers.get(server).config().retryWindow().toNanos();
    if (isMemoryKnown && memory.isEmpty() && updates.lostAnswered()) {
      fail(
          new ServingException(
              error.code(),
              "%s (the stream cannot go on elsewhere: model '%s' does not tell how long its state remembers)"
                  .formatted(error.getMessage(), model),
              error));
    } else if (now - firstFailureNs >= windowNs) {
      fail(
          new ServingException(
              ErrorCode.UNAVAILABLE,
              "no server took the stream to model '%s' within %s s (servers: %s); last: %s"
                  .formatted(
                      model,
                      windowNs / 1e9,
                      servers.stream().map(each -> each.config().url()).toList(),
                      error.getMessage()),
              error));
    } else {
      server = (server + 1) % servers.size();
      if (failures > 1) {
        Thread.sleep(
            Duration.ofNanos(FIRST_PAUSE_NS << Math.min(failures / servers.size(), MAX_DOUBLINGS)));
      }
    }
  }

  /** A server found fault with the oldest update that it had not answered. */
  private void faulted(ServingException error) {
    Update update = expected.peekFirst();
    if (update == null || update.isAnswered) {
      fail(error);
      return;
    }
    update.faults++;
    if (update.faults >= MAX_FAULTS) {
      updates.remove(update);
      update.answer.completeExceptionally(error);
    }
  }

  private void fail(ServingException error) {
    end = error;
    StreamCall open = call;
    call = null;
    if (open != null) {
      open.cancel();
    }
    for (Update update : updates.all()) {
      if (!update.isAnswered) {
        update.answer.completeExceptionally(error);
      }
    }
    updates.clear();
  }

  private ServingException givenUp() {
    return new ServingException(
        ErrorCode.CANCELLED, "the stream to model '%s' was closed".formatted(model));
  }
}
