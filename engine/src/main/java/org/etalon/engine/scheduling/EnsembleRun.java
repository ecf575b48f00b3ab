package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.EnsembleScope.Due;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an ensemble. Thread-safe; its lock guards field updates only.
 *
 * <p>Tensors go from step to step as they lie: a step's response is held until the last step that
 * reads it has answered, or until the ensemble's own response is closed. Each answer of a decoupled
 * step goes on by itself and becomes an answer of the ensemble, in the step's order; so many of
 * them may be on their way, then the step is held up. The first failure, or a cancellation, gives
 * up the steps that are under way and begins no others; the outcome is told once, when none is
 * under way any more.
 */
final class EnsembleRun {
  private final VersionName name;
  private final EnsemblePlan plan;
  private final EnsembleGraph graph;
  private final EnsembleDemand demand;
  private final PendingRequest request;
  private final Optional<SequenceLanes.Turn> turn;
  private final VersionStatistics statistics;
  private final Optional<DecoupledRequest> stream;
  private final Consumer<EnsembleOutcome> ending;

  private final EnsembleScope root;

  /** Steps that keep state whose turn in the sequence was taken. */
  private final boolean[] hadTurn;

  private final Set<StepHandler> underWay = new LinkedHashSet<>(4);
  private long begunNanos = -1;
  private boolean hasEnded;
  private @Nullable ServingException failure;

  /**
   * @param plan entered; left when the outcome is told
   * @param turn in the request's sequence; given up then too
   * @param stream takes the answers of a decoupled ensemble
   * @param ending is told the outcome
   */
  EnsembleRun(
      VersionName name,
      EnsemblePlan plan,
      PendingRequest request,
      Optional<SequenceLanes.Turn> turn,
      VersionStatistics statistics,
      Optional<DecoupledRequest> stream,
      Consumer<EnsembleOutcome> ending) {
    this.name = name;
    this.plan = plan;
    this.graph = plan.graph();
    this.request = request;
    this.turn = turn;
    this.statistics = statistics;
    this.stream = stream;
    this.ending = ending;
    this.demand = new EnsembleDemand(plan, request, turn.isPresent());
    this.root = new EnsembleScope(demand);
    this.hadTurn = new boolean[graph.steps().size()];
  }

  /** What a change gives rise to, outside the lock. */
  private final class Effects {
    final List<InferenceResponse> unread = new ArrayList<>(0);
    final List<Due> due = new ArrayList<>(0);
    final List<Runnable> rooms = new ArrayList<>(0);
    List<InferenceCall> givenUp = List.of();
    private boolean hasAnswer;
    private boolean isLast;

    /** Looks what has come of the change; under the lock. */
    Effects settle() {
      if (failure != null) {
        due.clear();
      }
      hasAnswer = stream.isPresent() && failure == null && root.nextAnswer() != null;
      boolean isDone = stream.isPresent() ? root.isOver() : root.nextAnswer() != null;
      isLast = !hasEnded && underWay.isEmpty() && (failure != null || isDone);
      hasEnded |= isLast;
      return this;
    }

    void carryOut() {
      unread.forEach(InferenceResponse::close);
      givenUp.forEach(InferenceCall::cancel);
      due.forEach(EnsembleRun.this::begin);
      rooms.forEach(Runnable::run);
      if (hasAnswer) {
        stream.orElseThrow().onReady(EnsembleRun.this::sendNext);
      }
      if (isLast) {
        end();
      }
    }
  }

  /** Begins the steps that need nothing but the request. */
  void start() {
    Effects effects = new Effects();
    synchronized (this) {
      root.findFirst(effects.due);
      effects.due.forEach(due -> hadTurn[due.step().index()] = true);
    }
    effects.carryOut();
  }

  /** A step whose inputs are there: if it keeps state, its sequence's requests go one by one. */
  private void begin(Due due) {
    int step = due.step().index();
    if (turn.isPresent() && hasTurn(step)) {
      turn.get().pass(step, () -> submit(due));
    } else {
      submit(due);
    }
  }

  private boolean hasTurn(int step) {
    return plan.isStateful(step) && plan.level(step) == 0;
  }

  private void submit(Due due) {
    StepHandler handler = admit(due);
    if (handler == null) {
      giveUpSequence(due.step().index());
      return;
    }
    InferenceCall call;
    try {
      ServedVersion member = plan.served(due.step().index());
      call = member.submit(demand.requestTo(due.step(), inputsOf(due)), handler);
    } catch (RuntimeException e) {
      handler.onError(ServingException.internal(e.toString(), e));
      return;
    }
    boolean isTooLate;
    synchronized (this) {
      boolean isUnderWay = underWay.contains(handler);
      isTooLate = failure != null && isUnderWay;
      handler.call = call;
      if (isUnderWay && handler.isDecoupled) {
        due.scope().whenRoom(call::resume);
      }
    }
    if (isTooLate) {
      call.cancel();
    } else if (handler.isDecoupled) {
      call.resume(); // room may have come before it was known how to say so
    }
  }

  /** Who takes the step's answers; null once the run has failed, and no step begins any more. */
  private synchronized @Nullable StepHandler admit(Due due) {
    if (failure != null) {
      return null;
    }
    StepHandler handler = new StepHandler(due, System.nanoTime());
    underWay.add(handler);
    if (begunNanos < 0) {
      begunNanos = handler.begunNanos;
    }
    return handler;
  }

  private synchronized List<Tensor> inputsOf(Due due) {
    return due.scope().inputsOf(due.step());
  }

  /** A step that keeps state and will not see the last request of a sequence is told so. */
  private void giveUpSequence(int step) {
    if (hasTurn(step)) {
      request
          .request()
          .sequence()
          .filter(Sequence::isEnd)
          .ifPresent(place -> plan.served(step).giveUp(place.id()));
    }
  }

  /** Gives up the steps under way; nothing more begins. */
  void cancel(ServingException cause) {
    Effects effects = new Effects();
    synchronized (this) {
      fail(cause, effects);
    }
    effects.carryOut();
  }

  /** Keeps the first failure; under the lock. */
  private void fail(ServingException cause, Effects effects) {
    if (failure == null && !hasEnded) {
      failure = cause;
      effects.givenUp = new ArrayList<>(underWay.size());
      for (StepHandler handler : underWay) {
        if (handler.call != null) {
          effects.givenUp.add(handler.call);
        }
      }
    }
    effects.settle();
  }

  /** The one answer of a step. */
  private void answered(StepHandler handler, InferenceResponse response) {
    EnsembleScope scope = handler.due.scope();
    EnsembleGraph.Step step = handler.due.step();
    statistics.stepped(step.index(), System.nanoTime() - handler.begunNanos);
    Effects effects = new Effects();
    synchronized (this) {
      underWay.remove(handler);
      scope.answered(step, response, effects.unread, effects.due);
      if (failure == null) {
        effects.due.forEach(due -> hadTurn[due.step().index()] = true);
      }
      scope.leaveIfOver(effects.unread, effects.rooms);
      effects.settle();
    }
    effects.carryOut();
  }

  /** One of any number of answers of a decoupled step. */
  private void branched(StepHandler handler, InferenceResponse answer) {
    Effects effects = new Effects();
    synchronized (this) {
      if (failure == null) {
        handler.due.scope().open(handler.due.step(), answer).findFirst(effects.due);
      } else {
        effects.unread.add(answer);
      }
      effects.settle();
    }
    effects.carryOut();
  }

  /** The end of a decoupled step's answers. */
  private void finished(StepHandler handler) {
    EnsembleGraph.Step step = handler.due.step();
    statistics.stepped(step.index(), System.nanoTime() - handler.begunNanos);
    Effects effects = new Effects();
    synchronized (this) {
      underWay.remove(handler);
      handler.due.scope().finished(step, effects.unread);
      handler.due.scope().leaveIfOver(effects.unread, effects.rooms);
      effects.settle();
    }
    effects.carryOut();
  }

  private void failed(StepHandler handler, ServingException cause) {
    Effects effects = new Effects();
    synchronized (this) {
      underWay.remove(handler);
      fail(inStep(handler.due.step(), cause), effects);
    }
    effects.carryOut();
  }

  private ServingException inStep(EnsembleGraph.Step step, ServingException cause) {
    return new ServingException(
        cause.code(),
        "in ensemble '%s', %s: %s".formatted(graph.name(), step.label(), cause.getMessage()),
        cause);
  }

  /** Gives the stream, which is ready, the answer whose turn it is; one thread at a time. */
  private void sendNext() {
    Effects effects = new Effects();
    EnsembleScope scope;
    synchronized (this) {
      scope = failure == null ? root.nextAnswer() : null;
      if (scope == null) {
        return;
      }
      scope.send();
    }
    stream.orElseThrow().send(scope.outputs(), () -> close(scope));
    synchronized (this) {
      scope.leaveIfOver(effects.unread, effects.rooms);
      effects.settle();
    }
    effects.carryOut();
  }

  private void close(EnsembleScope scope) {
    List<InferenceResponse> unread = new ArrayList<>(2);
    synchronized (this) {
      scope.release(unread);
    }
    unread.forEach(InferenceResponse::close);
  }

  private synchronized boolean hasRoom(EnsembleScope scope) {
    return failure != null || scope.openCount() < graph.maxInFlight();
  }

  /** Nothing is under way and nothing will be: tells the outcome, in the sequence's order. */
  private void end() {
    if (turn.isEmpty()) {
      tell();
      return;
    }
    SequenceLanes.Turn mine = turn.get();
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!hadTurn[step.index()] || !hasTurn(step.index())) {
        mine.pass(step.index(), () -> giveUpSequence(step.index()));
      }
    }
    mine.pass(graph.steps().size(), this::tell);
    mine.leave();
  }

  private void tell() {
    EnsembleOutcome outcome = outcome();
    plan.leave();
    ending.accept(outcome);
  }

  private EnsembleOutcome outcome() {
    ServingException cause;
    List<InferenceResponse> unread = new ArrayList<>(2);
    synchronized (this) {
      cause = failure;
      if (cause != null || stream.isPresent()) {
        root.abandon(unread);
      }
    }
    unread.forEach(InferenceResponse::close);
    if (cause != null) {
      return new EnsembleOutcome.Failed(cause);
    }
    return stream.isPresent()
        ? new EnsembleOutcome.Finished()
        : new EnsembleOutcome.Answered(response(), begunNanos - request.arrivalNanos());
  }

  private InferenceResponse response() {
    return new InferenceResponse(
        name.model(),
        name.version(),
        request.request().id(),
        root.outputs(),
        Map.of(),
        () -> close(root));
  }

  /** Takes a step's answers. */
  private final class StepHandler implements ResponseHandler {
    private final Due due;
    private final boolean isDecoupled;
    private final long begunNanos;

    /** Guarded by the run. */
    private @Nullable InferenceCall call;

    private final @Nullable RequestTrace trace;

    StepHandler(Due due, long begunNanos) {
      this.due = due;
      this.isDecoupled = plan.isDecoupled(due.step().index());
      this.begunNanos = begunNanos;
      RequestTrace whole = request.handler().trace();
      this.trace = whole == null ? null : whole.child();
    }

    @Override
    public @Nullable RequestTrace trace() {
      return trace;
    }

    @Override
    public boolean isReady() {
      return !isDecoupled || hasRoom(due.scope());
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      if (!isDecoupled) {
        answered(this, response);
        return;
      }
      if (response.outputs().isEmpty()) {
        response.close();
      } else {
        branched(this, response);
      }
      if (isLast) {
        finished(this);
      }
    }

    @Override
    public void onError(ServingException error) {
      failed(this, error);
    }
  }
}
