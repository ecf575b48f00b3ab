package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.StrainCatalog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code etalon strain info}. */
@Command(
    name = "info",
    description = "Lists the channels of frame (GWF) and HDF5 files.",
    mixinStandardHelpOptions = true)
final class StrainInfoCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Frame or HDF5 files, folders of them, cache files.")
  private List<Path> files = new ArrayList<>();

  @Option(names = "--json", description = "Print JSON.")
  private boolean asJson;

  @Override
  public Integer call() throws IOException {
    TextTable table =
        new TextTable(
            "file", "channel", "kind", "type", "rate_hz", "gps_start", "samples", "gaps", "unit");
    for (Path path : StrainCatalog.paths(files)) {
      try (StrainFile file = StrainFile.open(path)) {
        for (ChannelInfo channel : file.channels()) {
          table.row(
              path.getFileName().toString(),
              channel.name(),
              lower(channel.kind()),
              lower(channel.type()),
              rate(channel.sampleRateHz()),
              GpsTime.format(channel.startNs()),
              channel.sampleCount(),
              channel.spans().size() - 1,
              channel.unit());
        }
      }
    }
    table.print(asJson);
    return 0;
  }

  private static Number rate(double hertz) {
    return hertz == Math.rint(hertz) ? (Number) (long) hertz : (Number) hertz;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
