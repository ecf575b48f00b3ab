package org.etalon.engine.scheduling;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * Takes the requests to an ensemble through its steps. Thread-safe; has no thread of its own: a
 * step is begun by the thread that completed the last of its inputs.
 */
final class EnsembleScheduler implements RequestIntake {
  /** Requests that may be under way at once; one more is rejected. */
  private static final int MAX_UNDER_WAY = 16_384;

  private final VersionName name;
  private final EnsembleGraph graph;
  private final EnsembleTensorRules rules;
  private final EnsembleMembers members;
  private final SequenceLanes lanes;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final OpenStreams streams;
  private final ModelShape shape;
  private final boolean isDecoupled;
  private final Map<PendingRequest, EnsembleRun> underWay = new ConcurrentHashMap<>();
  private volatile @Nullable EnsemblePlan last;
  private volatile boolean isClosed;

  /**
   * @param config that says whether the ensemble is decoupled
   * @param streams of the requests to it, if it is
   * @throws ServingException if a member is not ready, or members do not fit
   */
  EnsembleScheduler(
      VersionName name,
      ModelConfig config,
      EnsembleTensorRules rules,
      EnsembleMembers members,
      VersionStatistics statistics,
      RequestLedger ledger,
      OpenStreams streams) {
    this.name = name;
    this.graph = EnsembleGraph.of(config);
    this.rules = rules;
    this.members = members;
    this.lanes = new SequenceLanes(graph.steps().size() + 1);
    this.statistics = statistics;
    this.ledger = ledger;
    this.streams = streams;
    this.shape = ModelShape.of(config);
    this.isDecoupled = config.getModelTransactionPolicy().getDecoupled();
    statistics.countSteps(graph.steps().stream().map(EnsembleGraph.Step::label).toList());
    var _ = plan();
  }

  private EnsemblePlan plan() {
    EnsemblePlan before = last;
    try {
      EnsemblePlan now = EnsemblePlan.of(graph, rules, members, Optional.ofNullable(before));
      if (now != before) {
        last = now;
      }
      return now;
    } catch (ServingException e) {
      last = null; // what has ended is not to be kept
      throw e;
    }
  }

  /** A plan whose versions all wait for this request: it must leave it. */
  private EnsemblePlan enter() {
    // A gate closes after its successor is published: who meets a closed one finds that next.
    EnsemblePlan plan = plan();
    while (!plan.tryEnter()) {
      plan = plan();
    }
    return plan;
  }

  @Override
  public Admission add(PendingRequest request) {
    if (isClosed) {
      return Admission.CLOSED;
    }
    if (underWay.size() >= MAX_UNDER_WAY) {
      return Admission.FULL;
    }
    EnsemblePlan plan = enter();
    Optional<SequenceLanes.Turn> turn = request.request().sequence().map(at -> lanes.join(at.id()));
    Optional<AnswerStream> stream = isDecoupled ? Optional.of(stream(request)) : Optional.empty();
    EnsembleRun run =
        new EnsembleRun(
            name,
            plan,
            request,
            turn,
            statistics,
            stream.map(DecoupledRequest.class::cast),
            outcome -> end(request, stream, outcome));
    underWay.put(request, run);
    stream.ifPresent(given -> given.onCancel(() -> run.cancel(Refusals.cancelled())));
    run.start();
    return Admission.ACCEPTED;
  }

  private AnswerStream stream(PendingRequest request) {
    statistics.begun();
    AnswerStream stream =
        new AnswerStream(
            name,
            shape,
            request,
            statistics,
            ledger,
            System.nanoTime(),
            () -> streams.ended(request));
    streams.opened(request, stream);
    return stream;
  }

  private void end(PendingRequest request, Optional<AnswerStream> stream, EnsembleOutcome outcome) {
    underWay.remove(request);
    long now = System.nanoTime();
    switch (outcome) {
      case EnsembleOutcome.Answered(var response, long queueNanos) -> {
        statistics.answered(request, queueNanos, now);
        ledger.answered(request, response);
      }
      case EnsembleOutcome.Finished() -> stream.orElseThrow().finish();
      case EnsembleOutcome.Failed(ServingException cause) ->
          stream.ifPresentOrElse(given -> given.fail(cause), () -> fail(request, cause, now));
    }
  }

  private void fail(PendingRequest request, ServingException cause, long nowNanos) {
    FailureReason reason =
        switch (cause.code()) {
          case CANCELLED -> FailureReason.CANCELED;
          case RESOURCE_EXHAUSTED -> FailureReason.REJECTED;
          default -> FailureReason.BACKEND;
        };
    statistics.failed(reason, nowNanos - request.arrivalNanos());
    ledger.failed(request, cause);
  }

  /** Tells the members that keep its state, after the requests of it that are under way. */
  @Override
  public void giveUp(Sequence.Id sequence) {
    EnsemblePlan plan;
    try {
      plan = enter();
    } catch (ServingException e) {
      return; // who is gone keeps no state
    }
    SequenceLanes.Turn turn = lanes.join(sequence);
    for (EnsembleGraph.Step step : graph.steps()) {
      int index = step.index();
      boolean keepsState = plan.isStateful(index) && plan.level(index) == 0;
      turn.pass(
          index,
          () -> {
            if (keepsState) {
              plan.served(index).giveUp(sequence);
            }
          });
    }
    turn.pass(graph.steps().size(), plan::leave);
    turn.leave();
  }

  /** Nothing waits here: a request is given up by giving up the steps that are under way. */
  @Override
  public boolean remove(PendingRequest request) {
    EnsembleRun run = underWay.get(request);
    if (run != null) {
      run.cancel(Refusals.cancelled());
    }
    return false;
  }

  @Override
  public int size() {
    return 0;
  }

  @Override
  public Optional<String> unavailability() {
    try {
      var _ = plan();
      return Optional.empty();
    } catch (ServingException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public List<PendingRequest> close() {
    isClosed = true;
    underWay
        .values()
        .forEach(run ->
            run.cancel(
                ServingException.unavailable(
                    "ensemble '%s' is being unloaded".formatted(graph.name()))));
    return List.of();
  }
}
