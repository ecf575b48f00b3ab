package org.etalon.server.observation;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.etalon.engine.request.RequestTrace;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests are traced. Settings are changed under its lock; requests read one
 * immutable picture of them.
 */
public final class Tracing implements AutoCloseable {
  /** Traces that may wait for a file; few, since they may hold tensors. */
  private static final int FILE_QUEUE = 256;

  private final TraceSettings atStart;
  private final @Nullable TraceSink sink;
  private final AtomicLong ids = new AtomicLong();
  private final Map<String, Map<String, List<String>>> ownOfModels = new HashMap<>();
  private TraceSettings global;

  /** Null while nothing is traced, so that a request pays no more than looking. */
  private volatile @Nullable Picture picture;

  /** Who counts the requests of which models. */
  private record Picture(Sampler global, Map<String, Sampler> models) {}

  private Tracing(TraceSettings atStart, @Nullable TraceSink sink) {
    this.atStart = atStart;
    this.global = atStart;
    this.sink = sink;
    paint();
  }

  /** Of a server that can trace nothing: to trace, it must be told where to. */
  public static Tracing none() {
    return new Tracing(TraceSettings.off(), null);
  }

  /** As configured. */
  public static Tracing start(TraceConfig config) {
    TraceSettings settings = config.settings();
    return new Tracing(settings, sink(config));
  }

  private static @Nullable TraceSink sink(TraceConfig config) {
    String file = config.settings().file();
    return switch (config.settings().mode()) {
      case TRITON ->
          file.isEmpty()
              ? null
              : TraceSink.into(TraceFile.at(file), FILE_QUEUE, FILE_QUEUE, Duration.ZERO);
      case OPENTELEMETRY ->
          TraceSink.into(
              new OtlpWriter(config), config.maxQueued(), config.maxBatch(), config.delay());
    };
  }

  /** The settings of all models that have none of their own. */
  public synchronized TraceSettings settings() {
    return global;
  }

  /** The settings of one model. */
  public synchronized TraceSettings settings(String model) {
    return global.with(ownOfModels.getOrDefault(model, Map.of()));
  }

  /**
   * Changes the settings of all models that have none of their own.
   *
   * @param changes by the protocol's names; one without values goes back to what it was at start
   * @throws ServingException INVALID_ARGUMENT if one is not possible: none is changed then
   */
  public synchronized TraceSettings change(Map<String, List<String>> changes) {
    Map<String, List<String>> wanted = new HashMap<>(changes);
    wanted.replaceAll(
        (name, values) -> values.isEmpty() ? atStart.values().getOrDefault(name, values) : values);
    global = checked(global.with(wanted));
    paint();
    return global;
  }

  /**
   * Changes the settings of one model.
   *
   * @param changes as for {@link #change(Map)}; one without values follows the others' again
   */
  public synchronized TraceSettings change(String model, Map<String, List<String>> changes) {
    Map<String, List<String>> own = new HashMap<>(ownOfModels.getOrDefault(model, Map.of()));
    changes.forEach((name, values) -> {
      if (values.isEmpty()) {
        requireKnown(name);
        own.remove(name);
      } else {
        own.put(name, values);
      }
    });
    TraceSettings settings = checked(global.with(own));
    if (own.isEmpty()) {
      ownOfModels.remove(model);
    } else {
      ownOfModels.put(model, Map.copyOf(own));
    }
    paint();
    return settings;
  }

  private void requireKnown(String name) {
    if (!atStart.values().containsKey(name)) {
      global.with(Map.of(name, List.of("")));
    }
  }

  /** Where traces go is the operator's to choose, not a client's. */
  private TraceSettings checked(TraceSettings wanted) {
    if (!wanted.file().equals(atStart.file()) || wanted.mode() != atStart.mode()) {
      throw ServingException.invalid(
          "trace settings: trace_file and trace_mode (expected: '%s' and %s: where traces go is chosen when the server is started, with --trace-config)"
              .formatted(atStart.file(), atStart.mode().text()));
    }
    if (wanted.isOn() && sink == null) {
      throw ServingException.invalid(
          "trace settings: trace_level (expected: OFF, since the server was started without a place for traces: --trace-config triton,file=FILE or opentelemetry,url=URL)");
    }
    return wanted;
  }

  /** Begins to count anew, but for those whose settings are as before. */
  private void paint() {
    Picture before = picture;
    Sampler shared =
        Sampler.of(global, before == null ? Optional.empty() : Optional.of(before.global()));
    boolean isOn = global.isOn();
    Map<String, Sampler> models = new HashMap<>();
    for (String model : ownOfModels.keySet()) {
      TraceSettings settings = settings(model);
      Optional<Sampler> earlier =
          before == null ? Optional.empty() : Optional.ofNullable(before.models().get(model));
      models.put(model, Sampler.of(settings, earlier));
      isOn |= settings.isOn();
    }
    picture = isOn ? new Picture(shared, Map.copyOf(models)) : null;
  }

  /** The settings to trace a request by; null if it is not traced. */
  @Nullable TraceSettings sample(String model, Optional<TraceParent> parent) {
    Picture now = picture;
    if (now == null) {
      return null;
    }
    Sampler sampler = now.models().getOrDefault(model, now.global());
    boolean isForced =
        atStart.mode() == TraceMode.OPENTELEMETRY
            && parent.map(TraceParent::isSampled).orElse(false);
    return sampler.takes(isForced) ? sampler.settings() : null;
  }

  boolean isOn() {
    return picture != null;
  }

  RequestTrace newTrace() {
    return new RequestTrace(ids::incrementAndGet);
  }

  void finished(FinishedTrace trace) {
    if (sink != null) {
      sink.take(trace);
    }
  }

  /** Brings out the traces that were taken, as far as that can be done within moments. */
  @Override
  public void close() {
    if (sink != null) {
      sink.close();
    }
  }
}
