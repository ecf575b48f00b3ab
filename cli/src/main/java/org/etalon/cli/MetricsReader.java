package org.etalon.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server's metrics tell beyond its statistics: quantiles, and why requests failed.
 * Immutable.
 */
final class MetricsReader {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final double MILLIS_PER_SECOND = 1000;
  private static final Pattern LINE = Pattern.compile("([a-z_]+)\\{(.*)} ([0-9.eE+-]+|[+]Inf|NaN)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  private record Sample(String name, Map<String, String> labels, double value) {}

  private final List<Sample> samples;

  private MetricsReader(List<Sample> samples) {
    this.samples = List.copyOf(samples);
  }

  /** Knows nothing. */
  static MetricsReader none() {
    return new MetricsReader(List.of());
  }

  /**
   * Asks a server.
   *
   * @throws IOException if it does not tell
   */
  static MetricsReader of(URI url) throws IOException {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpRequest request = HttpRequest.newBuilder(url).timeout(PATIENCE).build();
      HttpResponse<String> page = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (page.statusCode() != 200) {
        throw new IOException("%s answers %d".formatted(url, page.statusCode()));
      }
      return parse(page.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + url, e);
    }
  }

  /** Reads Prometheus' text; lines without labels tell nothing of a model. */
  static MetricsReader parse(String page) {
    List<Sample> samples = new ArrayList<>();
    page.lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .forEach(line -> {
          String value = line.group(3).replace("+Inf", "Infinity");
          samples.add(new Sample(line.group(1), labels(line.group(2)), Double.parseDouble(value)));
        });
    return new MetricsReader(samples);
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new HashMap<>();
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      labels.put(label.group(1), label.group(2).replaceAll("\\\\(.)", "$1"));
    }
    return labels;
  }

  /** Failed requests by reason, of those reasons that there were. */
  SortedMap<String, Long> failures(String model, long version) {
    SortedMap<String, Long> failures = new TreeMap<>();
    for (Sample sample : samples) {
      String reason = sample.labels().get("reason");
      if (sample.name().equals("nv_inference_request_failure")
          && reason != null
          && sample.value() > 0
          && isOf(sample, model, version)) {
        failures.put(reason, (long) sample.value());
      }
    }
    return failures;
  }

  /**
   * A quantile in milliseconds, as Prometheus reckons it: evenly spread within a bucket.
   *
   * @param histogram the metric's name, in seconds
   * @return empty if nothing is known, or nothing was counted
   */
  OptionalDouble quantile(String histogram, String model, long version, double quantile) {
    TreeMap<Double, Double> buckets = new TreeMap<>();
    for (Sample sample : samples) {
      if (sample.name().equals(histogram + "_bucket") && isOf(sample, model, version)) {
        String bound = sample.labels().getOrDefault("le", "").replace("+Inf", "Infinity");
        buckets.put(Double.valueOf(bound), sample.value());
      }
    }
    if (buckets.isEmpty() || buckets.lastEntry().getValue() == 0) {
      return OptionalDouble.empty();
    }
    double rank = quantile * buckets.lastEntry().getValue();
    double below = 0;
    double from = 0;
    for (Map.Entry<Double, Double> bucket : buckets.entrySet()) {
      if (bucket.getValue() >= rank) {
        double to = bucket.getKey();
        double share = (rank - below) / (bucket.getValue() - below);
        double seconds = Double.isInfinite(to) ? from : from + (to - from) * share;
        return OptionalDouble.of(seconds * MILLIS_PER_SECOND);
      }
      below = bucket.getValue();
      from = bucket.getKey();
    }
    return OptionalDouble.empty();
  }

  private static boolean isOf(Sample sample, String model, long version) {
    return model.equals(sample.labels().get("model"))
        && Long.toString(version).equals(sample.labels().get("version"));
  }
}
