package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an ensemble. Thread-safe; its lock guards field updates only.
 *
 * <p>Tensors go from step to step as they lie: a step's response is held until the last step that
 * reads it has answered, or until the ensemble's own response is closed. The first failure, or a
 * cancellation, gives up the steps that are under way and begins no others; the outcome is told
 * once, when none is under way any more.
 */
final class EnsembleRun {
  private final VersionName name;
  private final EnsemblePlan plan;
  private final EnsembleGraph graph;
  private final PendingRequest request;
  private final Optional<SequenceLanes.Turn> turn;
  private final VersionStatistics statistics;
  private final Consumer<Outcome> ending;

  private final boolean[] isNeeded;
  private final @Nullable Tensor[] tensors;

  // Of each step:
  private final int[] missing;
  private final int[] readers;
  private final boolean[] isDue;
  private final @Nullable InferenceResponse[] responses;
  private final @Nullable InferenceCall[] calls;

  private int unfinished;
  private int running;
  private long begunNanos = -1;
  private boolean hasEnded;
  private @Nullable ServingException failure;

  /** What became of the request. */
  sealed interface Outcome {
    /**
     * @param queueNanos from arrival to the first step's beginning
     */
    record Answered(InferenceResponse response, long queueNanos) implements Outcome {}

    record Failed(ServingException cause) implements Outcome {}
  }

  /**
   * @param plan entered; left when the outcome is told
   * @param turn in the request's sequence; given up then too
   * @param ending is told the outcome
   */
  EnsembleRun(
      VersionName name,
      EnsemblePlan plan,
      PendingRequest request,
      Optional<SequenceLanes.Turn> turn,
      VersionStatistics statistics,
      Consumer<Outcome> ending) {
    this.name = name;
    this.plan = plan;
    this.graph = plan.graph();
    this.request = request;
    this.turn = turn;
    this.statistics = statistics;
    this.ending = ending;
    int count = graph.steps().size();
    this.tensors = new Tensor[graph.tensors().size()];
    for (int i = 0; i < graph.inputCount(); i++) {
      tensors[i] = request.input(i);
    }
    this.isNeeded = needed();
    this.missing = new int[count];
    this.readers = new int[count];
    this.isDue = new boolean[count];
    this.responses = new InferenceResponse[count];
    this.calls = new InferenceCall[count];
    expect();
  }

  /** A sequence's requests reach all that keeps its state, whatever outputs are asked for. */
  private boolean[] needed() {
    boolean[] needed =
        graph.needed(
            IntStream.range(0, request.outputCount())
                .map(n -> graph.outputTensor(request.output(n))));
    if (turn.isPresent()) {
      for (int step = 0; step < needed.length; step++) {
        if (plan.isStateful(step)) {
          graph.need(step, needed);
        }
      }
    }
    return needed;
  }

  /** Counts what each step waits for, and who reads its response. */
  private void expect() {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (isNeeded[step.index()]) {
        unfinished++;
        missing[step.index()] = graph.sources(step.index()).length;
        for (int source : graph.sources(step.index())) {
          readers[source]++;
        }
      }
    }
    for (int step = 0; step < readers.length; step++) {
      readers[step] += givesOutput(step) ? 1 : 0;
    }
  }

  private boolean givesOutput(int step) {
    for (int n = 0; n < request.outputCount(); n++) {
      if (graph.producer(graph.outputTensor(request.output(n))) == step) {
        return true;
      }
    }
    return false;
  }

  /** Begins the steps that need nothing but the request. */
  void start() {
    List<EnsembleGraph.Step> ready = new ArrayList<>(2);
    synchronized (this) {
      for (EnsembleGraph.Step step : graph.steps()) {
        if (isNeeded[step.index()] && missing[step.index()] == 0) {
          isDue[step.index()] = true;
          ready.add(step);
        }
      }
    }
    ready.forEach(this::begin);
  }

  /** A step whose inputs are there: if it keeps state, its sequence's requests go one by one. */
  private void begin(EnsembleGraph.Step step) {
    if (turn.isPresent() && plan.isStateful(step.index())) {
      turn.get().pass(step.index(), () -> submit(step));
    } else {
      submit(step);
    }
  }

  private void submit(EnsembleGraph.Step step) {
    StepHandler handler;
    synchronized (this) {
      if (failure != null) {
        return;
      }
      running++;
      handler = new StepHandler(step, System.nanoTime());
      if (begunNanos < 0) {
        begunNanos = handler.begunNanos;
      }
    }
    InferenceCall call;
    try {
      call = plan.served(step.index()).submit(requestTo(step), handler);
    } catch (RuntimeException e) {
      handler.onError(ServingException.internal(e.toString(), e));
      return;
    }
    boolean isTooLate;
    synchronized (this) {
      isTooLate = failure != null && !handler.isAnswered;
      if (!handler.isAnswered) {
        calls[step.index()] = call;
      }
    }
    if (isTooLate) {
      call.cancel();
    }
  }

  private InferenceRequest requestTo(EnsembleGraph.Step step) {
    InferenceRequest asked = request.request();
    List<Tensor> inputs = new ArrayList<>(step.inputs().size());
    for (EnsembleGraph.Wire wire : step.inputs()) {
      Tensor tensor = tensors[wire.tensor()];
      if (tensor != null) {
        inputs.add(tensor.named(wire.name()));
      }
    }
    return new InferenceRequest(
        step.model(),
        asked.id(),
        inputs,
        outputsOf(step),
        asked.parameters(),
        asked.sequence(),
        asked.priority(),
        asked.queueTimeout());
  }

  /** The outputs that someone reads; one at least, since to name none means all. */
  private List<RequestedOutput> outputsOf(EnsembleGraph.Step step) {
    List<RequestedOutput> outputs = new ArrayList<>(step.outputs().size());
    for (EnsembleGraph.Wire wire : step.outputs()) {
      if (isRead(wire.tensor())) {
        outputs.add(RequestedOutput.of(wire.name()));
      }
    }
    return outputs.isEmpty()
        ? List.of(RequestedOutput.of(step.outputs().getFirst().name()))
        : outputs;
  }

  private boolean isRead(int tensor) {
    for (int n = 0; n < request.outputCount(); n++) {
      if (graph.outputTensor(request.output(n)) == tensor) {
        return true;
      }
    }
    for (EnsembleGraph.Step step : graph.steps()) {
      if (isNeeded[step.index()]
          && step.inputs().stream().anyMatch(wire -> wire.tensor() == tensor)) {
        return true;
      }
    }
    return false;
  }

  /** Gives up the steps under way; nothing more begins. */
  void cancel(ServingException cause) {
    List<InferenceCall> given;
    boolean isLast;
    synchronized (this) {
      given = fail(cause);
      isLast = endsNow();
    }
    given.forEach(InferenceCall::cancel);
    if (isLast) {
      end();
    }
  }

  /**
   * Keeps the first failure; under the lock.
   *
   * @return the calls to give up
   */
  private List<InferenceCall> fail(ServingException cause) {
    if (failure != null || hasEnded) {
      return List.of();
    }
    failure = cause;
    List<InferenceCall> under = new ArrayList<>(0);
    for (InferenceCall call : calls) {
      if (call != null) {
        under.add(call);
      }
    }
    return under;
  }

  /** True to the one caller that has to end the run; under the lock. */
  private boolean endsNow() {
    boolean isOver = running == 0 && (failure != null || unfinished == 0);
    if (!isOver || hasEnded) {
      return false;
    }
    hasEnded = true;
    return true;
  }

  private void answered(StepHandler handler, InferenceResponse response) {
    EnsembleGraph.Step step = handler.step;
    statistics.stepped(step.index(), System.nanoTime() - handler.begunNanos);
    List<EnsembleGraph.Step> ready = new ArrayList<>(2);
    List<InferenceResponse> unread = new ArrayList<>(2);
    boolean isLast;
    synchronized (this) {
      leave(handler);
      unfinished--;
      responses[step.index()] = response;
      take(step, response);
      release(step, unread);
      if (failure == null) {
        findReady(step, ready);
      }
      isLast = endsNow();
    }
    unread.forEach(InferenceResponse::close);
    ready.forEach(this::begin);
    if (isLast) {
      end();
    }
  }

  private void leave(StepHandler handler) {
    running--;
    handler.isAnswered = true;
    calls[handler.step.index()] = null;
  }

  private void take(EnsembleGraph.Step step, InferenceResponse response) {
    for (EnsembleGraph.Wire wire : step.outputs()) {
      for (Tensor output : response.outputs()) {
        if (output.name().equals(wire.name())) {
          tensors[wire.tensor()] = output;
        }
      }
    }
  }

  /** The step has read its inputs: those responses that nobody else reads are given back. */
  private void release(EnsembleGraph.Step step, List<InferenceResponse> unread) {
    for (int source : graph.sources(step.index())) {
      if (--readers[source] == 0) {
        giveBack(source, unread);
      }
    }
    if (readers[step.index()] == 0) {
      giveBack(step.index(), unread);
    }
  }

  private void giveBack(int step, List<InferenceResponse> unread) {
    InferenceResponse response = responses[step];
    if (response != null) {
      responses[step] = null;
      unread.add(response);
    }
  }

  private void findReady(EnsembleGraph.Step done, List<EnsembleGraph.Step> ready) {
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!isNeeded[step.index()]) {
        continue;
      }
      for (int source : graph.sources(step.index())) {
        if (source == done.index() && --missing[step.index()] == 0) {
          isDue[step.index()] = true;
          ready.add(step);
        }
      }
    }
  }

  private void failed(StepHandler handler, ServingException cause) {
    List<InferenceCall> given;
    boolean isLast;
    synchronized (this) {
      leave(handler);
      given = fail(inStep(handler.step, cause));
      isLast = endsNow();
    }
    given.forEach(InferenceCall::cancel);
    if (isLast) {
      end();
    }
  }

  private ServingException inStep(EnsembleGraph.Step step, ServingException cause) {
    return new ServingException(
        cause.code(),
        "in ensemble '%s', %s: %s".formatted(graph.name(), step.label(), cause.getMessage()),
        cause);
  }

  /** Nothing is under way and nothing will be: tells the outcome, in the sequence's order. */
  private void end() {
    if (turn.isEmpty()) {
      tell();
      return;
    }
    SequenceLanes.Turn mine = turn.get();
    for (EnsembleGraph.Step step : graph.steps()) {
      if (!isDue[step.index()] || !plan.isStateful(step.index())) {
        mine.pass(step.index(), () -> {});
      }
    }
    mine.pass(graph.steps().size(), this::tell);
    mine.leave();
  }

  private void tell() {
    ServingException cause;
    synchronized (this) {
      cause = failure;
    }
    Outcome outcome;
    if (cause == null) {
      outcome = new Outcome.Answered(response(), begunNanos - request.arrivalNanos());
    } else {
      closeAll();
      outcome = new Outcome.Failed(cause);
    }
    plan.leave();
    ending.accept(outcome);
  }

  private InferenceResponse response() {
    List<Tensor> outputs = new ArrayList<>(request.outputCount());
    for (int n = 0; n < request.outputCount(); n++) {
      int tensor = graph.outputTensor(request.output(n));
      Tensor output = tensors[tensor];
      if (output == null) {
        throw new IllegalStateException("no tensor " + graph.tensors().get(tensor));
      }
      outputs.add(output.named(graph.tensors().get(tensor)));
    }
    return new InferenceResponse(
        name.model(), name.version(), request.request().id(), outputs, Map.of(), this::closeAll);
  }

  private void closeAll() {
    for (InferenceResponse response : responses) {
      if (response != null) {
        response.close();
      }
    }
  }

  /** Takes a step's answer. */
  private final class StepHandler implements ResponseHandler {
    private final EnsembleGraph.Step step;
    private final long begunNanos;

    /** Guarded by the run. */
    private boolean isAnswered;

    private final @Nullable RequestTrace trace;

    StepHandler(EnsembleGraph.Step step, long begunNanos) {
      this.step = step;
      this.begunNanos = begunNanos;
      RequestTrace whole = request.handler().trace();
      this.trace = whole == null ? null : whole.child();
    }

    @Override
    public @Nullable RequestTrace trace() {
      return trace;
    }

    @Override
    public void onResponse(InferenceResponse response, boolean isLast) {
      answered(this, response);
    }

    @Override
    public void onError(ServingException error) {
      failed(this, error);
    }
  }
}
