package org.etalon.server.metrics;

import java.util.List;
import java.util.function.ToLongFunction;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.engine.status.ModelStatistics.Total;

/**
 * Statistics in Prometheus' text format 0.0.4.
 *
 * <p>Written here and not with Prometheus' client: that appends {@code _total} to the name of every
 * counter, and the protocol's dashboards ask for {@code nv_inference_request_success}.
 *
 * @see <a href="https://prometheus.io/docs/instrumenting/exposition_formats/">Exposition
 *     formats</a>
 */
final class MetricsText {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final long NANOS_PER_MICRO = 1_000;
  private static final Total NONE = new Total(0, 0);

  private final StringBuilder text = new StringBuilder(4096);
  private final List<ModelStatistics> models;

  private MetricsText(List<ModelStatistics> models) {
    this.models = models;
  }

  /** The whole page. */
  static String of(List<ModelStatistics> models, Machine machine) {
    var page = new MetricsText(models);
    page.writeModels();
    page.writeMachine(machine);
    return page.text.toString();
  }

  private void writeModels() {
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
    series(
        "nv_inference_pending_request_count",
        "gauge",
        "Instantaneous number of pending requests awaiting execution",
        ModelStatistics::pendingRequests);
  }

  private void writeFailures() {
    String name = "nv_inference_request_failure";
    header(name, "counter", "Number of failed inference requests, by reason");
    for (ModelStatistics model : models) {
      for (FailureReason reason : FailureReason.values()) {
        long count = model.failures().getOrDefault(reason, NONE).count();
        text.append(name).append("{model=\"");
        escape(model.model());
        text.append("\",reason=\"").append(reason).append("\",version=\"");
        text.append(model.version()).append("\"} ").append(count).append('\n');
      }
    }
  }

  private interface TotalOf {
    Total of(ModelStatistics model);
  }

  private void micros(String name, String what, TotalOf total) {
    counter(
        name,
        "Cumulative time of " + what + " in microseconds",
        model -> total.of(model).nanos() / NANOS_PER_MICRO);
  }

  private void counter(String name, String help, ToLongFunction<ModelStatistics> value) {
    series(name, "counter", help, value);
  }

  private void series(
      String name, String type, String help, ToLongFunction<ModelStatistics> value) {
    header(name, type, help);
    for (ModelStatistics model : models) {
      text.append(name).append("{model=\"");
      escape(model.model());
      text.append("\",version=\"").append(model.version()).append("\"} ");
      text.append(value.applyAsLong(model)).append('\n');
    }
  }

  private void writeMachine(Machine machine) {
    header("nv_cpu_utilization", "gauge", "CPU utilization rate [0.0 - 1.0]");
    machine
        .cpuUtilization()
        .ifPresent(load -> text.append("nv_cpu_utilization ").append(load).append('\n'));
    header("nv_cpu_memory_total_bytes", "gauge", "CPU total memory (RAM), in bytes");
    text.append("nv_cpu_memory_total_bytes ").append(machine.memoryTotalBytes()).append('\n');
    header("nv_cpu_memory_used_bytes", "gauge", "CPU used memory (RAM), in bytes");
    text.append("nv_cpu_memory_used_bytes ").append(machine.memoryUsedBytes()).append('\n');
  }

  private void header(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  private void escape(String label) {
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      switch (c) {
        case '\\' -> text.append("\\\\");
        case '"' -> text.append("\\\"");
        case '\n' -> text.append("\\n");
        default -> text.append(c);
      }
    }
  }
}
