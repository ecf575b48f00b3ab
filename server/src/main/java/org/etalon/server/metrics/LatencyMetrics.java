package org.etalon.server.metrics;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.etalon.engine.status.LatencyHistogram;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.StageLatencies;

/** How long requests took: histograms, which add up over servers, and summaries, which do not. */
final class LatencyMetrics {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;

  /** Upper bounds as they are written, and the same in nanoseconds. */
  private static final double NANOS_PER_MILLI = 1e6;

  private static final long[] FIRST_RESPONSE_BOUNDS_MS = {100, 500, 2_000, 5_000};
  private static final List<String> BOUNDS =
      List.of(
          "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005",
          "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0");

  private static final long[] BOUND_NANOS =
      BOUNDS.stream()
          .mapToLong(bound -> Math.round(Double.parseDouble(bound) * NANOS_PER_SECOND))
          .toArray();

  private LatencyMetrics() {}

  /** A histogram a stage, in seconds. */
  static void writeHistograms(MetricsPage page, List<ModelStatistics> models) {
    for (LatencyStage stage : LatencyStage.values()) {
      String name = "etalon_inference_" + stage.word() + "_seconds";
      page.family(name, "histogram", stage.help() + ", answered requests, in seconds");
      for (ModelStatistics model : models) {
        write(page, name, model, stage.of(model.latencies()));
      }
    }
  }

  private static void write(
      MetricsPage page, String name, ModelStatistics model, LatencyHistogram histogram) {
    String version = Long.toString(model.version());
    for (int i = 0; i < BOUND_NANOS.length; i++) {
      bucket(page, name, model.model(), version, BOUNDS.get(i))
          .value(histogram.countUpTo(BOUND_NANOS[i]));
    }
    bucket(page, name, model.model(), version, "+Inf").value(histogram.count());
    page.line(name + "_sum").of(model).value(histogram.nanos() / NANOS_PER_SECOND);
    page.line(name + "_count").of(model).value(histogram.count());
  }

  /** Of decoupled models, in milliseconds and with the bounds that dashboards know. */
  static void writeFirstResponses(MetricsPage page, List<ModelStatistics> models) {
    String name = "nv_inference_first_response_histogram_ms";
    page.family(name, "histogram", "Time from a request's arrival to its first response, in ms");
    for (ModelStatistics model : models) {
      LatencyHistogram first = model.firstResponse();
      if (first.count() == 0) {
        continue;
      }
      String version = Long.toString(model.version());
      for (long bound : FIRST_RESPONSE_BOUNDS_MS) {
        bucket(page, name, model.model(), version, Long.toString(bound))
            .value(first.countUpTo(TimeUnit.MILLISECONDS.toNanos(bound)));
      }
      bucket(page, name, model.model(), version, "+Inf").value(first.count());
      page.line(name + "_sum").of(model).value(first.nanos() / NANOS_PER_MILLI);
      page.line(name + "_count").of(model).value(first.count());
    }
  }

  private static MetricsPage bucket(
      MetricsPage page, String name, String model, String version, String bound) {
    return page.line(name + "_bucket")
        .label("le", bound)
        .label("model", model)
        .label("version", version);
  }

  /**
   * A summary a stage, in microseconds, under the names that the protocol's dashboards read.
   *
   * @param recent the latencies of a model that the quantiles are of
   */
  static void writeSummaries(
      MetricsPage page,
      List<ModelStatistics> models,
      List<Double> quantiles,
      Function<ModelStatistics, StageLatencies> recent) {
    List<StageLatencies> latencies = models.stream().map(recent).toList();
    for (LatencyStage stage : LatencyStage.values()) {
      String name = "nv_inference_" + stage.word() + "_summary_us";
      page.family(name, "summary", stage.help() + ", answered requests, in microseconds");
      for (int i = 0; i < models.size(); i++) {
        ModelStatistics model = models.get(i);
        LatencyHistogram window = stage.of(latencies.get(i));
        for (double quantile : quantiles) {
          page.line(name)
              .label("model", model.model())
              .label("quantile", MetricsPage.number(quantile))
              .label("version", Long.toString(model.version()))
              .value(window.quantileNanos(quantile) / NANOS_PER_MICRO);
        }
        LatencyHistogram all = stage.of(model.latencies());
        page.line(name + "_sum").of(model).value(all.nanos() / NANOS_PER_MICRO);
        page.line(name + "_count").of(model).value(all.count());
      }
    }
  }
}
