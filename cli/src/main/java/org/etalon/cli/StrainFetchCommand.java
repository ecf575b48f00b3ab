package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.etalon.strain.GpsTime;
import org.etalon.strain.opendata.OpenData;
import org.etalon.strain.opendata.StrainFormat;
import org.etalon.strain.opendata.StrainSelection;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon strain fetch}. */
@Command(
    name = "fetch",
    description =
        "Fetches public strain from GWOSC, around an event or between two GPS times, and prints where the files are.",
    mixinStandardHelpOptions = true)
final class StrainFetchCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Parameters(
      arity = "1..2",
      paramLabel = "EVENT|GPS",
      description = "An event's name, such as GW150914, or GPS start and end in seconds.")
  private List<String> what = List.of();

  @Option(
      names = {"--detector", "--detectors"},
      split = ",",
      description = "Detectors, such as H1,L1 (default: all there are).")
  private Set<String> detectors = new LinkedHashSet<>();

  @Option(names = "--sample-rate", description = "4096 or 16384 Hz (default: ${DEFAULT-VALUE}).")
  private int sampleRate = 4096;

  @Option(
      names = "--duration",
      description = "32 or 4096 s around an event (default: ${DEFAULT-VALUE}).")
  private int duration = 32;

  @Option(names = "--format", description = "hdf5 or gwf (default: ${DEFAULT-VALUE}).")
  private StrainFormat format = StrainFormat.HDF5;

  @Mixin private GwoscOptions gwosc = new GwoscOptions();

  @Override
  public Integer call() throws IOException {
    StrainSelection selection =
        WrongUsage.unlessAccepted(
            command, () -> new StrainSelection(detectors, sampleRate, format, duration));
    try (OpenData openData = OpenData.open(gwosc.config());
        DownloadProgress progress = new DownloadProgress()) {
      List<Path> files =
          what.size() == 1
              ? openData.fetch(openData.event(what.getFirst(), progress), selection, progress)
              : openData.fetch(gpsTime(0), gpsTime(1), selection, progress);
      files.forEach(System.out::println);
    }
    return 0;
  }

  private long gpsTime(int index) {
    return WrongUsage.unlessAccepted(command, () -> GpsTime.parse(what.get(index)));
  }
}
