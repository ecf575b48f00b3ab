package org.etalon.server.metrics;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.CacheUse;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;

/** What versions have done, under the names that the protocol's dashboards read. */
final class ModelMetrics {
  private static final long NANOS_PER_MICRO = 1_000;
  private static final double MILLIS_PER_SECOND = 1e3;
  private static final double NANOS_PER_SECOND = 1e9;

  private final MetricsPage page;
  private final List<ModelStatistics> models;

  private ModelMetrics(MetricsPage page, List<ModelStatistics> models) {
    this.page = page;
    this.models = models;
  }

  /**
   * @param withTimes whether times are added up, too
   */
  static void write(MetricsPage page, List<ModelStatistics> models, boolean withTimes) {
    var metrics = new ModelMetrics(page, models);
    metrics.writeCounts();
    if (withTimes) {
      metrics.writeTimes();
    }
    if (models.stream().anyMatch(model -> !model.steps().isEmpty())) {
      metrics.writeSteps();
    }
  }

  private interface TotalOf {
    Total of(ModelStatistics model);
  }

  private void writeCounts() {
    counter(
        "nv_inference_request_success",
        "Number of successful inference requests, all batch sizes",
        model -> model.success().count());
    writeFailures();
    counter(
        "nv_inference_count",
        "Number of inferences performed (does not include cached requests)",
        ModelStatistics::inferenceCount);
    counter(
        "nv_inference_exec_count",
        "Number of model executions performed (does not include cached requests)",
        ModelStatistics::executionCount);
    writeCaches();
    gauge(
        "nv_inference_pending_request_count",
        "Instantaneous number of pending requests awaiting execution",
        ModelStatistics::pendingRequests);
    gauge(
        "nv_model_load_duration_secs",
        "Time from the beginning of loading until the version was ready, in seconds",
        model -> model.loadTime().toMillis() / MILLIS_PER_SECOND);
  }

  private void writeTimes() {
    micros("nv_inference_request_duration_us", "inference requests", ModelStatistics::success);
    micros("nv_inference_queue_duration_us", "waiting in the queue", ModelStatistics::queue);
    micros(
        "nv_inference_compute_input_duration_us",
        "gathering inputs",
        ModelStatistics::computeInput);
    micros("nv_inference_compute_infer_duration_us", "the model", ModelStatistics::computeInfer);
    micros(
        "nv_inference_compute_output_duration_us",
        "handing outputs over",
        ModelStatistics::computeOutput);
  }

  private void writeFailures() {
    String name = "nv_inference_request_failure";
    page.family(name, "counter", "Number of failed inference requests, by reason");
    for (ModelStatistics model : models) {
      for (FailureReason reason : FailureReason.values()) {
        page.line(name)
            .label("model", model.model())
            .label("reason", reason.name())
            .label("version", Long.toString(model.version()))
            .value(model.failure(reason).count());
      }
    }
  }

  /** Of ensembles: from when a step began, its wait in its model's queue included. */
  private void writeSteps() {
    steps("etalon_ensemble_step_count_total", "Steps of ensembles answered", Total::count);
    steps(
        "etalon_ensemble_step_seconds_total",
        "Time from the beginning of a step of an ensemble to its answer, in seconds",
        total -> total.nanos() / NANOS_PER_SECOND);
  }

  private void steps(String name, String help, ToDoubleFunction<Total> value) {
    page.family(name, "counter", help);
    for (ModelStatistics model : models) {
      for (ModelStatistics.Step step : model.steps()) {
        page.line(name)
            .label("model", model.model())
            .label("step", step.label())
            .label("version", Long.toString(model.version()))
            .value(value.applyAsDouble(step.total()));
      }
    }
  }

  private void writeCaches() {
    cache(
        "nv_cache_num_hits_per_model", "Number of cache hits per model", use -> use.hits().count());
    cache(
        "nv_cache_num_misses_per_model",
        "Number of cache misses per model",
        use -> use.misses().count());
    cache(
        "nv_cache_hit_duration_per_model",
        "Total cache hit duration per model, in microseconds",
        use -> use.hits().nanos() / NANOS_PER_MICRO);
    cache(
        "nv_cache_miss_duration_per_model",
        "Total cache miss duration per model, in microseconds",
        use -> use.misses().nanos() / NANOS_PER_MICRO);
  }

  private void cache(String name, String help, ToLongFunction<CacheUse> value) {
    page.family(name, "counter", help);
    for (ModelStatistics model : models) {
      model.cache().ifPresent(use -> page.line(name).of(model).value(value.applyAsLong(use)));
    }
  }

  private void micros(String name, String what, TotalOf total) {
    counter(
        name,
        "Cumulative time of " + what + " in microseconds",
        model -> total.of(model).nanos() / NANOS_PER_MICRO);
  }

  private void counter(String name, String help, ToLongFunction<ModelStatistics> value) {
    page.family(name, "counter", help);
    for (ModelStatistics model : models) {
      page.line(name).of(model).value(value.applyAsLong(model));
    }
  }

  private void gauge(String name, String help, ToDoubleFunction<ModelStatistics> value) {
    page.family(name, "gauge", help);
    for (ModelStatistics model : models) {
      page.line(name).of(model).value(value.applyAsDouble(model));
    }
  }
}
