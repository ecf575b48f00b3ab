package org.etalon.engine.scheduling;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.RequestTrace;
import org.etalon.engine.request.RequestTrace.Moment;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.InstancePlacement.Place;
import org.etalon.engine.status.InstanceStatus;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/**
 * A version: checks requests, counts them and hands them to where they are run, which are instances
 * with threads of their own, instances without, or the members of an ensemble.
 */
final class InstancedVersion implements ServedVersion {
  private static final InferenceCall ANSWERED = () -> {};

  private final VersionName name;
  private final ModelConfig config;
  private final ModelShape shape;
  private final RequestRules rules;
  private final Map<String, List<String>> labels;
  private final RequestIntake intake;
  private final Optional<BackendModel> model;
  private final VersionStatistics statistics = new VersionStatistics();
  private final RequestLedger ledger = new RequestLedger();
  private final OpenStreams streams = new OpenStreams();
  private final Refusals refusals;

  /** Of a model that asks for it, where there is a cache. */
  private final Optional<CachedAnswers> answers;

  private final InstanceCrew crew;

  /** Makes what takes the requests of a version. */
  private interface IntakeMaker {
    RequestIntake make(InstancedVersion version);
  }

  private InstancedVersion(
      VersionName name,
      Optional<BackendModel> model,
      ModelConfig config,
      Map<String, List<String>> labels,
      Optional<ResponseCache> cache,
      IntakeMaker maker) {
    this.labels = Map.copyOf(labels);
    this.name = name;
    this.model = model;
    this.config = config;
    this.shape = ModelShape.of(config);
    this.crew = new InstanceCrew(name);
    this.refusals = new Refusals(name, config.hasSequenceBatching());
    this.rules =
        new RequestRules(name.model(), shape.maxBatchSize(), shape.inputs(), shape.outputs());
    this.answers =
        cache
            .filter(_ -> config.getResponseCache().getEnable())
            .map(kept -> new CachedAnswers(kept, statistics, shape.inputs().size()));
    this.intake = maker.make(this);
  }

  static InstancedVersion open(
      VersionName name,
      BackendModel model,
      ModelConfig config,
      List<Device> devices,
      SequenceTensors sequences,
      Map<String, List<String>> labels,
      SharedServices shared) {
    InstancedVersion served;
    List<Place> placement;
    try {
      placement = InstancePlacement.of(config, devices);
      served =
          new InstancedVersion(
              name,
              Optional.of(model),
              config,
              labels,
              shared.cache(),
              version ->
                  model.runsInline()
                      ? version.inline(model, sequences)
                      : version.scheduler(
                          placement.size(),
                          sequences,
                          shared.timer().alarm(version::refuseExpired)));
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
    try {
      served.start(placement, model, sequences, shared.limiter());
    } catch (RuntimeException e) {
      served.close();
      throw e;
    }
    return served;
  }

  /**
   * @throws ServingException if a member is not ready, or members do not fit
   */
  static InstancedVersion openEnsemble(
      VersionName name,
      ModelConfig config,
      EnsembleMembers members,
      Map<String, List<String>> labels,
      SharedServices shared) {
    ModelConfig completed = EnsemblePlan.completed(config, members);
    return new InstancedVersion(
        name,
        Optional.empty(),
        completed,
        labels,
        Optional.empty(),
        version ->
            new EnsembleScheduler(
                name,
                completed,
                new EnsembleTensorRules(completed, shared.limiter().isPresent()),
                members,
                version.statistics,
                version.ledger,
                version.streams));
  }

  private Scheduler scheduler(
      int instanceCount, SequenceTensors sequences, QueueTimer.Alarm alarm) {
    return config.hasSequenceBatching()
        ? new SequenceScheduler(
            name.model(),
            instanceCount,
            SequencePolicy.of(config),
            sequences.initialStates(),
            alarm,
            System::nanoTime)
        : new RequestQueue(BatchingPolicy.of(config), alarm, System::nanoTime);
  }

  private RequestIntake inline(BackendModel model, SequenceTensors sequences) {
    InlineInstances inline = new InlineInstances(name, model, shape, sequences, statistics, ledger);
    return config.hasSequenceBatching()
        ? new InlineSequences(
            name.model(),
            SequencePolicy.of(config),
            sequences.initialStates(),
            inline,
            System::nanoTime)
        : new InlinePool(inline);
  }

  private void start(
      List<Place> placement,
      BackendModel model,
      SequenceTensors sequences,
      Optional<RateLimiter> limiter) {
    if (intake instanceof Scheduler scheduler) {
      InstanceRunner.Maker maker = (instance, outputs) -> runner(instance, outputs, sequences);
      crew.start(placement, model, maker, scheduler, limiter, this::refuse);
      return;
    }
    boolean isLimited =
        limiter.isPresent()
            && placement.stream()
                .anyMatch(place -> place.group().getRateLimiter().getResourcesCount() > 0);
    if (isLimited) {
      throw ServingException.invalid(
          "model '%s': instance_group.rate_limiter: it runs on the threads that bring its requests, which never wait (remedy: leave it out)"
              .formatted(name));
    }
    model.newInstance(Device.CPU).close(); // what is wrong with it shows before anyone asks
  }

  private InstanceRunner runner(
      ModelInstance instance, OutputMemory.Pool outputs, SequenceTensors sequences) {
    return config.getModelTransactionPolicy().getDecoupled()
        ? new DecoupledRunner(name, shape, instance, statistics, ledger, streams)
        : new BatchRunner(
            name,
            shape,
            sequences,
            instance,
            new InputGatherer(shape.layouts()),
            outputs,
            statistics,
            ledger);
  }

  @Override
  public InferenceCall submit(InferenceRequest request, ResponseHandler handler) {
    long arrival = System.nanoTime();
    RequestTrace trace = handler.trace();
    if (trace != null) {
      trace.servedBy(name.model(), name.version());
      trace.at(Moment.REQUEST_START, arrival);
    }
    PendingRequest pending;
    try {
      @Nullable Tensor[] inputs = rules.inputsOf(request);
      int rows = rules.rowsOf(inputs);
      pending =
          new PendingRequest(
              request, handler, inputs, rules.outputsOf(request), rows, arrival, shape.layouts());
    } catch (ServingException e) {
      statistics.failed(FailureReason.OTHER, System.nanoTime() - arrival);
      request.sequence().filter(Sequence::isEnd).ifPresent(place -> giveUp(place.id()));
      handler.onError(e);
      return ANSWERED;
    }
    if (trace != null) {
      trace.at(Moment.QUEUE_START, System.nanoTime());
    }
    return enqueue(pending);
  }

  private InferenceCall enqueue(PendingRequest pending) {
    if (!ledger.accept()) {
      pending.handler().onError(refusals.unloading());
      return ANSWERED;
    }
    try {
      List<Tensor> known = answers.isEmpty() ? null : answers.get().find(pending);
      if (known != null) {
        ledger.answered(
            pending,
            InferenceResponse.of(name.model(), name.version(), pending.request().id(), known));
        return ANSWERED;
      }
    } catch (InternalError e) { // memory that a client shared and has cut short
      var error = ServingException.internal("model '%s': %s".formatted(name, e), e);
      return reject(pending, FailureReason.OTHER, error);
    }
    RequestIntake.Admission admission;
    try {
      admission = intake.add(pending);
    } catch (ServingException e) {
      return reject(pending, FailureReason.OTHER, e);
    }
    return switch (admission) {
      case ACCEPTED -> new Call(pending);
      case FULL -> reject(pending, FailureReason.REJECTED, refusals.queueFull());
      case CLOSED -> reject(pending, FailureReason.OTHER, refusals.unloading());
    };
  }

  private InferenceCall reject(
      PendingRequest pending, FailureReason reason, ServingException error) {
    statistics.failed(reason, System.nanoTime() - pending.arrivalNanos());
    ledger.failed(pending, error);
    return ANSWERED;
  }

  private void cancel(PendingRequest pending) {
    if (intake.remove(pending)) {
      statistics.failed(FailureReason.CANCELED, System.nanoTime() - pending.arrivalNanos());
      ledger.failed(pending, Refusals.cancelled());
    } else {
      streams.giveUp(pending, Refusals.cancelled());
    }
  }

  private final class Call implements InferenceCall {
    private final PendingRequest pending;

    Call(PendingRequest pending) {
      this.pending = pending;
    }

    @Override
    public void cancel() {
      InstancedVersion.this.cancel(pending);
    }

    @Override
    public void resume() {
      streams.resume(pending);
    }
  }

  /** Looks after requests while every instance is busy. */
  private void refuseExpired() {
    refuse(intake.takeExpired());
  }

  private void refuse(List<PendingRequest> expired) {
    for (PendingRequest request : expired) {
      var _ = reject(request, FailureReason.REJECTED, refusals.expired());
    }
  }

  @Override
  public void giveUp(Sequence.Id sequence) {
    intake.giveUp(sequence);
  }

  @Override
  public String name() {
    return name.model();
  }

  @Override
  public long version() {
    return name.version();
  }

  @Override
  public ModelConfig config() {
    return config;
  }

  @Override
  public List<String> labels(String output) {
    return labels.getOrDefault(output, List.of());
  }

  @Override
  public List<TensorMetadata> inputs() {
    return shape.inputs().stream().map(TensorSpec::metadata).toList();
  }

  @Override
  public List<TensorMetadata> outputs() {
    return shape.outputs().stream().map(TensorSpec::metadata).toList();
  }

  @Override
  public Optional<String> unavailability() {
    return intake.unavailability();
  }

  @Override
  public void loadedIn(Duration time) {
    statistics.loaded(time);
  }

  @Override
  public ModelStatistics statistics() {
    return statistics.snapshot(name.model(), name.version(), intake.size(), answers.isPresent());
  }

  @Override
  public List<InstanceStatus> instances() {
    if (model.isPresent() && model.get().runsInline()) {
      return List.of(inlineStatus());
    }
    return crew.statuses();
  }

  /** All instances together; none runs more than one request at a time. */
  private InstanceStatus inlineStatus() {
    ModelStatistics done = statistics();
    long busyNanos =
        done.computeInput().nanos() + done.computeInfer().nanos() + done.computeOutput().nanos();
    return new InstanceStatus(name.model(), name.version(), Device.CPU, busyNanos);
  }

  @Override
  public int inFlight() {
    return ledger.inFlight();
  }

  @Override
  public CompletableFuture<Void> drain() {
    CompletableFuture<Void> drained = ledger.drain();
    intake.drain();
    return drained;
  }

  @Override
  public void close() {
    var _ = ledger.drain();
    for (PendingRequest waiting : intake.close()) {
      reject(waiting, FailureReason.OTHER, refusals.unloading());
    }
    streams.giveUpAll(refusals.unloading());
    crew.join();
    answers.ifPresent(CachedAnswers::close);
    intake.awaitEnd();
    model.ifPresent(BackendModel::close);
  }
}
