package org.etalon.client;

import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.InferenceService;
import org.etalon.inference.InferenceStream;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.protocol.wire.InferRequestEncoder;

/**
 * A server of the Open Inference Protocol, asked over gRPC. Thread-safe.
 *
 * <p><b>Pace.</b> For each model the client finds out how many requests at once still bring more
 * answers a second, and keeps no more than that at the server; {@link #inFlightLimit} tells. Others
 * wait in the client, in order, up to {@link ClientConfig#maxWaiting}; above, {@link #infer}
 * answers RESOURCE_EXHAUSTED at once. So an asker need only keep some number of futures
 * outstanding, and any number that the waiting room holds is right.
 *
 * <p><b>Failure.</b> What the server cannot take now (UNAVAILABLE: it is down, not yet up,
 * stopping, or its queue is full) is sent again for {@link ClientConfig#retryWindow} since the
 * request's first failure, unless it is part of a sequence. All else fails at once, in the server's
 * words. Requests are answered in no particular order.
 *
 * <p><b>Memory.</b> A request's tensors are read while it is sent, and again if it is sent again:
 * they are lent until the future is done, and must not be of a confined arena. A response's tensors
 * are on the heap; closing it costs and gives nothing.
 *
 * <p>Callbacks run on the client's event loops, which must not block, nor call {@link #metadata} or
 * {@link #close}.
 */
public final class EtalonClient implements InferenceService {
  private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);

  private final Session session;
  private final ControlCalls control;
  private final Map<ModelId, RequestLine> lines = new ConcurrentHashMap<>();
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final Set<InferenceStream> streams = ConcurrentHashMap.newKeySet();

  /** Never started: memory that it may read is not confined to some other. */
  private final Thread anyThread = Thread.ofPlatform().unstarted(() -> {});

  /** Owns the event loops; {@code random} is thread-safe. */
  EtalonClient(
      ClientConfig config, EventLoopGroup eventLoops, ClientTime time, RandomGenerator random) {
    session = new Session(config, new Connections(config, eventLoops, time), time, random);
    control = new ControlCalls(session);
  }

  /** A client of a server, which need not be up yet. */
  public static EtalonClient open(ClientConfig config) {
    EventLoopGroup eventLoops = Connections.eventLoops(config);
    return new EtalonClient(config, eventLoops, new EventLoopTime(eventLoops), new Random());
  }

  /**
   * Blocks until the answer is there, {@link ClientConfig#connectWindow} at most: long enough for a
   * server that is just starting, short enough for a person who mistyped its address.
   */
  @Override
  public ModelMetadata metadata(ModelId model) {
    requireOpen();
    return control.metadata(model);
  }

  /** What the server's repositories hold; blocks as {@link #metadata} does, with its errors. */
  public List<RepositoryEntry> repositoryIndex() {
    requireOpen();
    return control.repositoryIndex();
  }

  /**
   * What models have done since they were loaded.
   *
   * @param model empty: all
   * @throws ServingException INVALID_ARGUMENT if there is no such model
   */
  public List<VersionStatistics> statistics(String model) {
    requireOpen();
    return control.statistics(model);
  }

  /**
   * Has the server load a model, anew if its files changed; blocks until that is ready, {@link
   * ClientConfig#requestDeadline} at most.
   *
   * @throws ServingException why it could not be loaded, in the server's words
   */
  public void loadModel(String model) {
    requireOpen();
    control.load(model);
  }

  /**
   * Has the server take a model out; its requests in flight finish.
   *
   * @param withDependents also what was loaded only because of it
   */
  public void unloadModel(String model, boolean withDependents) {
    requireOpen();
    control.unload(model, withDependents);
  }

  private void requireOpen() {
    if (isClosed.get()) {
      throw closed();
    }
  }

  @Override
  public CompletableFuture<InferenceResponse> infer(InferenceRequest request) {
    InferRequestEncoder message;
    try {
      checkMemory(request);
      message = new InferRequestEncoder(request);
    } catch (ServingException e) {
      return CompletableFuture.failedFuture(e);
    }
    RequestLine line = line(request.model());
    InferCall call = new InferCall(session, line, request, message);
    session.unanswered().add(call);
    if (isClosed.get()) { // asked after the entry above, so that close() has seen one or the other
      session.forget(call);
      return CompletableFuture.failedFuture(closed());
    }
    if (!line.add(call)) {
      session.forget(call);
      return CompletableFuture.failedFuture(tooManyWait(request.model()));
    }
    return call;
  }

  /**
   * A stream that goes on after the server is back, if the model tells how long its state
   * remembers; see {@link ServerGroup} for one that goes on elsewhere.
   */
  @Override
  public InferenceStream stream(ModelId model, Sequence.Id id) {
    return stream(List.of(session), 0, model, id);
  }

  /** A stream to one of several servers, each other's stand-in, that this client looks after. */
  InferenceStream stream(List<Session> servers, int first, ModelId model, Sequence.Id id) {
    requireOpen();
    ResumableStream[] opened = new ResumableStream[1];
    opened[0] = new ResumableStream(servers, first, model, id, () -> streams.remove(opened[0]));
    streams.add(opened[0]);
    return opened[0];
  }

  Session session() {
    return session;
  }

  /** How many requests of a model are kept at the server at once, as things stand. */
  public int inFlightLimit(ModelId model) {
    return line(model).limit();
  }

  /** A late or repeated sending reads the memory on another thread than the asker's. */
  private void checkMemory(InferenceRequest request) {
    for (Tensor input : request.inputs()) {
      if (!input.data().isAccessibleBy(anyThread) || !input.data().scope().isAlive()) {
        throw ServingException.invalid(
            "memory of input '%s' for model '%s': closed, or of a confined arena (expected: open to all threads until the answer has come)"
                .formatted(input.name(), request.model()));
      }
    }
  }

  private RequestLine line(ModelId model) {
    RequestLine line = lines.get(model);
    return line != null
        ? line
        : lines.computeIfAbsent(model, _ -> new RequestLine(session.config(), session.time()));
  }

  private ServingException closed() {
    return ServingException.unavailable("the client of %s is closed".formatted(url()));
  }

  private ServingException tooManyWait(ModelId model) {
    return new ServingException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "%d requests for model '%s' at %s wait already (ask less at once, or raise maxWaiting)"
            .formatted(session.config().maxWaiting(), model, url()));
  }

  private String url() {
    return session.config().url();
  }

  /**
   * Takes no more requests, lets those there are finish for {@link ClientConfig#closeGrace}, gives
   * up the rest and ends connections and threads. Blocks meanwhile; a second call does nothing.
   */
  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    List.copyOf(streams).forEach(InferenceStream::close);
    List<InferCall> left = List.copyOf(session.unanswered());
    if (!areDone(left, session.config().closeGrace())) {
      left.forEach(call -> call.cancel(true));
      areDone(left, CANCEL_GRACE);
    }
    session.connections().close();
  }

  private static boolean areDone(List<InferCall> calls, Duration time) {
    try {
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
          .get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException _) {
      return true; // some failed; each asker knows
    } catch (TimeoutException _) {
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
