package org.etalon.server.observation;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * How a server traces from its start on, and where to.
 *
 * @param url of the collector, with its path
 * @param resource what spans say of where they come from
 * @param maxQueued requests whose spans may wait to be sent; those of more are dropped
 * @param maxBatch requests whose spans are sent at once
 * @param delay how long they may wait for others
 */
public record TraceConfig(
    TraceSettings settings,
    URI url,
    Map<String, String> resource,
    int maxQueued,
    int maxBatch,
    Duration delay) {
  private static final URI COLLECTOR = URI.create("http://localhost:4318/v1/traces");
  private static final int DEFAULT_QUEUED = 2048;
  private static final int DEFAULT_BATCH = 512;
  private static final int DEFAULT_DELAY_MILLIS = 5000;
  private static final String TRITON = "triton,";
  private static final String OPENTELEMETRY = "opentelemetry,";
  private static final Map<String, String> NAMES =
      Map.of(
          "mode",
          TraceSettings.MODE,
          "level",
          TraceSettings.LEVEL,
          "rate",
          TraceSettings.RATE,
          "count",
          TraceSettings.COUNT,
          TRITON + "file",
          TraceSettings.FILE,
          TRITON + "log-frequency",
          TraceSettings.FREQUENCY);

  public TraceConfig {
    resource = Map.copyOf(resource);
  }

  /** Nothing is traced, and nothing can be. */
  public static TraceConfig none() {
    return parse(List.of());
  }

  /**
   * Reads tritonserver's {@code --trace-config} options.
   *
   * @param options such as {@code level=TIMESTAMPS}, {@code triton,file=trace.json}, {@code
   *     opentelemetry,url=http://localhost:4318/v1/traces}
   * @throws IllegalArgumentException that tells every fault
   */
  public static TraceConfig parse(List<String> options) {
    var faults = new ArrayList<String>();
    Map<String, List<String>> settings = new LinkedHashMap<>();
    Map<String, String> telemetry = new HashMap<>();
    Map<String, String> resource = new TreeMap<>(Map.of("service.name", "etalon"));
    for (String option : options) {
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      String value = option.substring(equals + 1);
      String setting = NAMES.get(key);
      if (equals < 0) {
        faults.add("'%s' (expected: KEY=VALUE)".formatted(option));
      } else if (setting != null) {
        settings
            .computeIfAbsent(setting, _ -> new ArrayList<>(1))
            .addAll(List.of(value.split(",", -1)));
      } else if (key.equals(OPENTELEMETRY + "resource") && value.indexOf('=') > 0) {
        int second = value.indexOf('=');
        resource.put(value.substring(0, second), value.substring(second + 1));
      } else if (key.startsWith(OPENTELEMETRY)) {
        telemetry.put(key.substring(OPENTELEMETRY.length()), value);
      } else {
        faults.add(
            "unknown '%s' (expected: one of mode, level, rate, count, triton,file, triton,log-frequency, opentelemetry,url, opentelemetry,resource, opentelemetry,bsp_max_queue_size, opentelemetry,bsp_max_export_batch_size, opentelemetry,bsp_schedule_delay)"
                .formatted(key));
      }
    }
    return made(settings, telemetry, resource, faults);
  }

  private static TraceConfig made(
      Map<String, List<String>> given,
      Map<String, String> telemetry,
      Map<String, String> resource,
      List<String> faults) {
    TraceSettings settings = TraceSettings.off();
    try {
      settings = settings.with(given);
    } catch (ServingException e) {
      faults.add(String.valueOf(e.getMessage()));
    }
    int queued = number(telemetry, "bsp_max_queue_size", DEFAULT_QUEUED, faults);
    int batch = number(telemetry, "bsp_max_export_batch_size", DEFAULT_BATCH, faults);
    int delay = number(telemetry, "bsp_schedule_delay", DEFAULT_DELAY_MILLIS, faults);
    URI url = url(telemetry.remove("url"), faults);
    telemetry.keySet().forEach(key -> faults.add("unknown 'opentelemetry,%s'".formatted(key)));
    if (settings.isOn() && settings.mode() == TraceMode.TRITON && settings.file().isEmpty()) {
      faults.add("no place for traces (expected: triton,file=FILE, or mode=opentelemetry)");
    }
    if (batch > queued) {
      faults.add("bsp_max_export_batch_size: %d (expected: at most %d)".formatted(batch, queued));
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("--trace-config: " + String.join("; ", faults));
    }
    return new TraceConfig(settings, url, resource, queued, batch, Duration.ofMillis(delay));
  }

  private static int number(
      Map<String, String> given, String name, int standard, List<String> faults) {
    String text = given.remove(name);
    if (text == null) {
      return standard;
    }
    try {
      int value = Integer.parseInt(text);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    faults.add("%s '%s' (expected: a whole number above 0)".formatted(name, text));
    return standard;
  }

  private static URI url(@Nullable String text, List<String> faults) {
    if (text == null) {
      return COLLECTOR;
    }
    try {
      URI url = URI.create(text.contains("://") ? text : "http://" + text);
      if (url.getHost() != null && url.getScheme().matches("https?")) {
        return url;
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    faults.add("opentelemetry,url '%s' (expected: http://HOST:PORT/v1/traces)".formatted(text));
    return COLLECTOR;
  }
}
