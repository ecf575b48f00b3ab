package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.analysis.simulation.Injection;
import org.etalon.analysis.simulation.NoiseCurve;
import org.etalon.analysis.simulation.Population;
import org.etalon.analysis.simulation.Simulation;
import org.etalon.analysis.simulation.SimulationConfig;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code etalon simulate}. */
@Command(
    name = "simulate",
    description = {
      "Makes strain from a seed: coloured noise, black-hole mergers, glitches, witness channels.",
      "Writes files of the usual names, the mergers to injections.csv and injections.json, and prints them. The same options give the same bytes, and the same samples whatever the length of the files."
    },
    mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
  private static final String DESIGN = "aligo";
  private static final String SILENCE = "none";

  @Spec private @Nullable CommandSpec command;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "A new or empty folder.")
  private Path output = Path.of("");

  @Option(
      names = "--seconds",
      required = true,
      description = "How much to simulate, a whole number.")
  private long seconds;

  @Option(
      names = "--gps",
      description = "The GPS second it begins with (default: ${DEFAULT-VALUE}).")
  private long gps = 1_262_304_000;

  @Option(names = "--seed", description = "From which all is drawn (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--detectors",
      split = ",",
      description = "Of H1, L1, V1, K1 (default: ${DEFAULT-VALUE}).",
      defaultValue = "H1,L1")
  private List<String> detectors = List.of();

  @Option(
      names = "--noise",
      paramLabel = "[IFO=]CURVE",
      description =
          "aligo, the design of Advanced LIGO; none; a text file of frequency and amplitude spectral density; or a strain file, whose spectrum is taken. For one detector with its name before (default: aligo).")
  private List<String> noise = new ArrayList<>();

  @Option(names = "--sample-rate", description = "In Hz (default: ${DEFAULT-VALUE}).")
  private int sampleRate = 4096;

  @Option(
      names = "--file-seconds",
      description = "Length of a file, up to 4096 (default: ${DEFAULT-VALUE}).")
  private int fileSeconds = 64;

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private SimulationConfig.Format format = SimulationConfig.Format.GWF;

  @Option(
      names = "--injections",
      paramLabel = "N",
      description = "Mergers of black holes (default: ${DEFAULT-VALUE}).")
  private int injections;

  @Option(
      names = "--snr",
      paramLabel = "FROM,TO",
      split = ",",
      arity = "1",
      defaultValue = "10,30",
      description = "Their network signal-to-noise ratio (default: ${DEFAULT-VALUE}).")
  private List<Double> snr = List.of();

  @Option(
      names = "--masses",
      paramLabel = "FROM,TO",
      split = ",",
      arity = "1",
      defaultValue = "8,50",
      description =
          "Their components', in solar masses as detectors see them (default: ${DEFAULT-VALUE}).")
  private List<Double> masses = List.of();

  @Option(
      names = "--spin",
      description = "Largest spin along the orbit's axis (default: ${DEFAULT-VALUE}).")
  private double spin = 0.8;

  @Option(
      names = "--apart",
      paramLabel = "SECONDS",
      description = "Between mergers, and from the ends (default: ${DEFAULT-VALUE}).")
  private double apart = 8;

  @Option(
      names = "--lowest-frequency",
      paramLabel = "HZ",
      description = "Where signals begin (default: ${DEFAULT-VALUE}).")
  private double lowestFrequency = 18;

  @Option(
      names = "--glitches-per-hour",
      description = "Sine-Gaussians in each detector (default: ${DEFAULT-VALUE}).")
  private double glitches;

  @Option(
      names = "--witnesses",
      paramLabel = "IFO",
      description =
          "Witness channels of a detector, and noise around 60 Hz that they predict, as for the network deepclean.")
  private @Nullable String witnesses;

  @Option(names = "--json", description = "Print the mergers as JSON.")
  private boolean asJson;

  @Override
  public Integer call() throws IOException {
    Optional<List<NoiseCurve>> curves = curves();
    SimulationConfig config = WrongUsage.unlessAccepted(command, () -> config(curves));
    List<Injection> done;
    try (ConsoleBar bar = ConsoleBar.open("simulating", "files")) {
      done = Simulation.run(config, (files, total) -> bar.show(files, total, ""));
    } catch (IllegalArgumentException e) {
      throw WrongUsage.of(command, String.valueOf(e.getMessage()));
    }
    TextTable table = new TextTable("gps_time", "mass1", "mass2", "distance_mpc", "network_snr");
    for (Injection each : done) {
      table.row(
          GpsTime.format(each.gpsNs()),
          rounded(each.binary().mass1()),
          rounded(each.binary().mass2()),
          rounded(each.distance()),
          rounded(each.networkSnr()));
    }
    table.print(asJson);
    return 0;
  }

  private SimulationConfig config(Optional<List<NoiseCurve>> curves) {
    return new SimulationConfig(
        output,
        Segment.ofSeconds(gps, gps + seconds),
        detectors,
        curves,
        sampleRate,
        fileSeconds,
        format,
        seed,
        new Population(
            injections,
            first("--masses", masses),
            masses.getLast(),
            spin,
            first("--snr", snr),
            snr.getLast(),
            apart),
        lowestFrequency,
        glitches,
        Optional.ofNullable(witnesses));
  }

  private double first(String option, List<Double> range) {
    if (range.isEmpty() || range.size() > 2) {
      throw WrongUsage.of(command, "%s %s: expected FROM,TO".formatted(option, range));
    }
    return range.getFirst();
  }

  /** One a detector; empty if there is to be no noise. */
  private Optional<List<NoiseCurve>> curves() throws IOException {
    Map<String, String> named = new LinkedHashMap<>();
    String usual = DESIGN;
    for (String argument : noise) {
      int equals = argument.indexOf('=');
      if (equals > 0 && detectors.contains(argument.substring(0, equals))) {
        named.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        usual = argument;
      }
    }
    if (usual.equals(SILENCE) && named.isEmpty()) {
      return Optional.empty();
    }
    List<NoiseCurve> curves = new ArrayList<>();
    for (String ifo : detectors) {
      String curve = named.getOrDefault(ifo, usual);
      curves.add(
          curve.equals(DESIGN) && !Files.exists(Path.of(curve))
              ? NoiseCurve.advancedLigo()
              : NoiseCurve.of(Path.of(curve), ifo));
    }
    return Optional.of(curves);
  }

  private static Number rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
