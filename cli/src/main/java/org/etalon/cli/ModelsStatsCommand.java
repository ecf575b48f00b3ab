package org.etalon.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.etalon.client.EtalonClient;
import org.etalon.client.VersionStatistics;
import org.etalon.client.VersionStatistics.Total;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code etalon models stats}. */
@Command(
    name = "stats",
    description =
        "Tells what the models of a running server have done since they were loaded: requests, failures, batches, and latency in milliseconds.",
    mixinStandardHelpOptions = true)
final class ModelsStatsCommand implements Callable<Integer> {
  private static final MathContext DIGITS = new MathContext(3);
  private static final int MILLIS_PER_SECOND = 1000;
  private static final String METRICS_PORT = "8002";

  @Mixin private RemoteOptions remote = new RemoteOptions();

  @Option(
      names = "--metrics-url",
      paramLabel = "http://HOST:PORT/metrics",
      description =
          "Where quantiles and reasons of failures come from (default: port 8002 of the server).")
  private @Nullable URI metricsUrl;

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description =
          "Rows a second are counted over this time (default: ${DEFAULT-VALUE}; 0: they are not).")
  private double seconds = 1;

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Parameters(
      arity = "0..*",
      paramLabel = "MODEL",
      description = "Of these models alone (default: of all).")
  private List<String> models = List.of();

  @Override
  public Integer call() throws InterruptedException {
    List<VersionStatistics> before = List.of();
    List<VersionStatistics> now;
    long from = 0;
    long to;
    try (EtalonClient client = remote.open()) {
      if (seconds > 0) {
        before = ask(client);
        from = System.nanoTime();
        Thread.sleep((long) (seconds * MILLIS_PER_SECOND));
      }
      now = ask(client);
      to = System.nanoTime();
    }
    MetricsReader metrics = metrics();
    table(now, rates(before, now, (to - from) / 1e9), metrics).print(asJson);
    return 0;
  }

  private List<VersionStatistics> ask(EtalonClient client) {
    if (models.isEmpty()) {
      return client.statistics("");
    }
    List<VersionStatistics> all = new ArrayList<>();
    models.forEach(model -> all.addAll(client.statistics(model)));
    return all;
  }

  /** Without metrics the table has gaps, which is said. */
  private MetricsReader metrics() {
    URI url =
        metricsUrl == null
            ? URI.create("http://" + remote.host() + ":" + METRICS_PORT + "/metrics")
            : metricsUrl;
    try {
      return MetricsReader.of(url);
    } catch (IOException | IllegalArgumentException e) {
      System.err.println(
          "etalon: no quantiles and no reasons of failures: no metrics at "
              + url
              + " (--metrics-url says where they are)");
      return MetricsReader.none();
    }
  }

  /** Rows a second by model and version. */
  private static Map<String, Double> rates(
      List<VersionStatistics> before, List<VersionStatistics> now, double seconds) {
    Map<String, Long> earlier = new HashMap<>();
    before.forEach(version -> earlier.put(key(version), version.rows()));
    Map<String, Double> rates = new HashMap<>();
    for (VersionStatistics version : now) {
      Long rows = earlier.get(key(version));
      if (rows != null && version.rows() >= rows) {
        rates.put(key(version), (version.rows() - rows) / seconds);
      }
    }
    return rates;
  }

  private static String key(VersionStatistics version) {
    return version.model() + "/" + version.version();
  }

  static TextTable table(
      List<VersionStatistics> versions, Map<String, Double> rates, MetricsReader metrics) {
    TextTable table =
        new TextTable(
            "model",
            "version",
            "requests",
            "failed",
            "failures",
            "rows",
            "mean batch",
            "rows per s",
            "request ms",
            "request p50",
            "request p99",
            "queue ms",
            "queue p50",
            "queue p99",
            "compute ms",
            "compute p50",
            "compute p99",
            "cache hits",
            "cache misses",
            "memory MB");
    for (VersionStatistics version : versions) {
      List<Object> row = new ArrayList<>();
      row.add(version.model());
      row.add(version.version());
      row.add(version.request().count());
      row.add(version.failed().count());
      row.add(failures(metrics, version));
      row.add(version.rows());
      row.add(version.batches() == 0 ? "" : rounded((double) version.rows() / version.batches()));
      Double rate = rates.get(key(version));
      row.add(rate == null ? "" : rounded(rate));
      addLatency(row, "request", version.request(), version, metrics);
      addLatency(row, "queue", version.queue(), version, metrics);
      addLatency(row, "compute_infer", version.computeInfer(), version, metrics);
      row.add(version.cacheHits());
      row.add(version.cacheMisses());
      row.add(version.memoryBytes() == 0 ? "" : rounded(version.memoryBytes() / 1e6));
      table.row(row.toArray());
    }
    return table;
  }

  private static String failures(MetricsReader metrics, VersionStatistics version) {
    List<String> texts = new ArrayList<>();
    metrics
        .failures(version.model(), version.version())
        .forEach((reason, count) -> texts.add(reason + " " + count));
    return String.join(", ", texts);
  }

  private static void addLatency(
      List<Object> row,
      String stage,
      Total total,
      VersionStatistics version,
      MetricsReader metrics) {
    row.add(total.count() == 0 ? "" : rounded(total.meanMillis()));
    String histogram = "etalon_inference_" + stage + "_seconds";
    for (double quantile : new double[] {0.5, 0.99}) {
      OptionalDouble millis =
          metrics.quantile(histogram, version.model(), version.version(), quantile);
      row.add(millis.isPresent() ? rounded(millis.getAsDouble()) : "");
    }
  }

  private static Object rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
