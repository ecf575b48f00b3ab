package org.etalon.cli;

import java.util.ArrayList;
import java.util.List;
import org.etalon.server.observation.TraceConfig;
import picocli.CommandLine.Option;

/** The options of {@code etalon serve} that say which requests are traced, and where to. */
final class TraceOptions {
  @Option(
      names = "--trace-config",
      paramLabel = "KEY=VALUE",
      description =
          "level=TIMESTAMPS, rate=1000, count=-1, mode=triton with triton,file=FILE and triton,log-frequency=N, or mode=opentelemetry with opentelemetry,url=URL and opentelemetry,resource=KEY=VALUE; repeat for several (docs/observability.md).")
  private List<String> settings = new ArrayList<>();

  TraceConfig config() {
    return TraceConfig.parse(settings);
  }
}
