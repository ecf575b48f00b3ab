package org.etalon.engine.worker;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.InstanceLostException;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.config.WorkerSettings;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.jspecify.annotations.Nullable;

/** A version whose instances run in worker processes. Thread-safe. */
final class ApartModel implements BackendModel {
  private static final int LOOKS_A_LIMIT = 10;

  /** How often to look at a process's memory, where that is limited. */
  private static final Duration MEMORY_PAUSE = Duration.ofMillis(200);

  private final WorkerCommand command;
  private final WorkerSettings settings;
  private final Optional<InferenceService> models;
  private final ModelFiles files;
  private final ModelConfig given;
  private final WorkerProcess.Loaded loaded;

  /** The process that has loaded the model first, until an instance is opened in it. */
  private final AtomicReference<@Nullable WorkerProcess> spare;

  private final List<WorkerSlot> slots = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService watch;

  private ApartModel(
      WorkerCommand command,
      WorkerSettings settings,
      Optional<InferenceService> models,
      ModelFiles files,
      ModelConfig given,
      WorkerProcess first,
      WorkerProcess.Loaded loaded) {
    this.command = command;
    this.settings = settings;
    this.models = models;
    this.files = files;
    this.given = given;
    this.spare = new AtomicReference<>(first);
    this.loaded = loaded;
    this.watch =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("etalon-workers-" + files.model()).factory());
    Duration pause = pause(settings);
    var _ =
        watch.scheduleWithFixedDelay(
            this::endWhatExceeds, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static Duration pause(WorkerSettings settings) {
    Duration pause = settings.runLimit().dividedBy(LOOKS_A_LIMIT);
    return settings.memoryLimit().isPresent() && pause.compareTo(MEMORY_PAUSE) > 0
        ? MEMORY_PAUSE
        : pause;
  }

  static ApartModel load(
      WorkerCommand command,
      WorkerSettings settings,
      Optional<InferenceService> models,
      ModelFiles files,
      ModelConfig config) {
    ModelConfig given = WorkerSettings.without(config);
    WorkerProcess first;
    try {
      first = WorkerProcess.start(command, label(files, 0), settings.startLimit(), models);
    } catch (InstanceLostException e) {
      throw ServingException.internal(String.valueOf(e.getMessage()), e);
    }
    try {
      WorkerProcess.Loaded loaded = first.load(files, given);
      if (loaded.runsInline()) {
        throw ServingException.invalid(
            "model '%s': parameter %s: its runs take microseconds, on the thread that brings a request (expected: without it)"
                .formatted(files.model(), WorkerSettings.PARAMETER));
      }
      return new ApartModel(
          command, settings, models, files, given, first, complete(config, loaded));
    } catch (InstanceLostException e) {
      first.close();
      throw ServingException.internal(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
  }

  /** With the parameters that the worker was not told. */
  private static WorkerProcess.Loaded complete(ModelConfig written, WorkerProcess.Loaded loaded) {
    ModelConfig completed =
        loaded.config().toBuilder().putAllParameters(written.getParametersMap()).build();
    return new WorkerProcess.Loaded(completed, loaded.runsInline(), loaded.devices());
  }

  private static String label(ModelFiles files, int instance) {
    return "model '%s/%d': worker process %d".formatted(files.model(), files.version(), instance);
  }

  List<Device> devices() {
    return loaded.devices();
  }

  @Override
  public ModelConfig config() {
    return loaded.config();
  }

  @Override
  public ModelInstance newInstance(Device device) {
    WorkerSlot slot;
    synchronized (slots) {
      String label = label(files, slots.size());
      slot = new WorkerSlot(label, () -> process(label, device));
      slots.add(slot);
    }
    try {
      slot.open();
    } catch (RuntimeException e) {
      slots.remove(slot);
      throw e;
    }
    return new Instance(slot);
  }

  private WorkerProcess process(String label, Device device) {
    WorkerProcess process = spare.getAndSet(null);
    boolean isLoaded = process != null;
    if (process == null) {
      process = WorkerProcess.start(command, label, settings.startLimit(), models);
    }
    try {
      if (!isLoaded) {
        process.load(files, given);
      }
      process.open(device);
      return process;
    } catch (RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private void endWhatExceeds() {
    slots.forEach(slot -> slot.endIfItExceeds(settings));
  }

  /** The instance's own, while it is there, else another that is. */
  private WorkerSlot choose(WorkerSlot own) {
    if (own.isUp()) {
      return own;
    }
    for (WorkerSlot other : slots) {
      if (other.isUp()) {
        return other;
      }
    }
    own.awaitUp();
    return own;
  }

  @Override
  public void close() {
    watch.shutdownNow();
    WorkerProcess unused = spare.getAndSet(null);
    if (unused != null) {
      unused.close();
    }
  }

  /**
   * An instance, which runs its batches in its own worker process, and in another instance's while
   * its own is started again. Owned by one thread.
   */
  private final class Instance implements ModelInstance {
    private final WorkerSlot own;

    Instance(WorkerSlot own) {
      this.own = own;
    }

    @Override
    public void execute(Batch batch) {
      while (!choose(own).run(batch)) {
        // It ended before the batch's turn.
      }
    }

    @Override
    public Optional<InstanceProcess> process() {
      return Optional.of(own.status());
    }

    @Override
    public void close() {
      slots.remove(own);
      own.close();
    }
  }
}
