package org.etalon.cli;

import java.net.URI;
import java.nio.file.Path;
import org.etalon.strain.opendata.OpenDataConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where public strain comes from and is kept. */
final class GwoscOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--gwosc-url",
      paramLabel = "URL",
      description = "The server of public strain (default: ${DEFAULT-VALUE}).")
  private URI url = OpenDataConfig.GWOSC;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Where fetched files are kept (default: $XDG_CACHE_HOME/etalon/gwosc).")
  private @Nullable Path cache;

  OpenDataConfig config() {
    Path folder = cache == null ? CacheFolder.of("gwosc") : cache;
    return WrongUsage.unlessAccepted(command, () -> OpenDataConfig.gwosc(folder).withBaseUrl(url));
  }
}
