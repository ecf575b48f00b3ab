package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import org.etalon.server.observation.TraceConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say which requests are traced, and where to. */
final class TraceOptions {
  @Option(
      names = "--trace-config",
      paramLabel = "KEY=VALUE",
      description =
          "level=TIMESTAMPS, rate=1000, count=-1, mode=triton with triton,file=FILE and triton,log-frequency=N, or mode=opentelemetry with opentelemetry,url=URL and opentelemetry,resource=KEY=VALUE; repeat for several (docs/observability.md).")
  private List<String> settings = new ArrayList<>();

  // As it was said before --trace-config.
  @Option(names = "--trace-file", hidden = true)
  private @Nullable String file;

  @Option(names = "--trace-level", hidden = true)
  private List<String> levels = new ArrayList<>();

  @Option(names = "--trace-rate", hidden = true)
  private @Nullable String rate;

  @Option(names = "--trace-count", hidden = true)
  private @Nullable String count;

  @Option(names = "--trace-log-frequency", hidden = true)
  private @Nullable String logFrequency;

  TraceConfig config() {
    List<String> all = new ArrayList<>();
    levels.forEach(level -> all.add("level=" + level));
    add(all, "triton,file=", file);
    add(all, "rate=", rate);
    add(all, "count=", count);
    add(all, "triton,log-frequency=", logFrequency);
    all.addAll(settings);
    return TraceConfig.parse(all);
  }

  private static void add(List<String> all, String key, @Nullable String value) {
    if (value != null) {
      all.add(key + value);
    }
  }
}
