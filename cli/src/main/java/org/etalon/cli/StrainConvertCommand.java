package org.etalon.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.hdf5.Hdf5Writer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code etalon strain convert}. */
@Command(
    name = "convert",
    description = {
      "Writes channels of a strain file as GWF or HDF5, by the output's ending.",
      "Samples, times, rates, datatypes and units stay as they are. HDF5 does not know kinds of channels: from there all become processed data."
    },
    mixinStandardHelpOptions = true)
final class StrainConvertCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec command;

  @Parameters(index = "0", paramLabel = "FILE", description = "A frame (GWF) or HDF5 file.")
  private Path input = Path.of("");

  @Parameters(index = "1", paramLabel = "OUTPUT", description = "A .gwf, .hdf5, .hdf or .h5 file.")
  private Path output = Path.of("");

  @Option(names = "--channel", description = "A channel to write; may be repeated (default: all).")
  private List<String> channels = new ArrayList<>();

  @Option(
      names = "--rename",
      paramLabel = "OLD=NEW",
      description = "Another name for a channel, such as H1:LOSC-STRAIN=strain/Strain.")
  private Map<String, String> renames = new LinkedHashMap<>();

  @Option(
      names = "--gwosc",
      description =
          "To HDF5: the strain channel becomes strain/Strain, masks quality/simple/DQmask and quality/injections/Injmask, as public strain has them.")
  private boolean isGwosc;

  @Option(
      names = "--packing",
      description = "Of GWF: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private FramePacking packing = FramePacking.GZIP;

  @Option(names = "--force", description = "Replace the output file if it exists.")
  private boolean mayReplace;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(output) && !mayReplace) {
      throw new IOException(
          "%s: exists already (delete it, choose another name, or say --force)".formatted(output));
    }
    boolean isFrame = ends(".gwf");
    if (!isFrame && !ends(".hdf5") && !ends(".hdf") && !ends(".h5")) {
      throw WrongUsage.of(
          command, "%s: expected a name ending in .gwf, .hdf5, .hdf or .h5".formatted(output));
    }
    try (StrainFile file = StrainFile.open(input)) {
      List<ChannelData> data = read(file);
      if (isFrame) {
        writeFrames(data);
      } else {
        writeHdf5(file, data);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(output, e.getMessage()), e);
    }
    return 0;
  }

  private boolean ends(String ending) {
    return output.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private List<ChannelData> read(StrainFile file) throws IOException {
    Map<String, String> names = new LinkedHashMap<>(isGwosc ? gwoscNames(file) : Map.of());
    names.putAll(renames);
    List<String> wanted =
        channels.isEmpty()
            ? file.channels().stream().map(ChannelInfo::name).toList()
            : List.copyOf(channels);
    for (String renamed : renames.keySet()) {
      if (!wanted.contains(renamed)) {
        throw new IOException(
            "%s: --rename of '%s', which is not written (expected one of: %s)"
                .formatted(input, renamed, wanted));
      }
    }
    List<ChannelData> data = new ArrayList<>();
    for (String channel : wanted) {
      data.add(named(file.read(channel), names.getOrDefault(channel, channel)));
    }
    return data;
  }

  private static Map<String, String> gwoscNames(StrainFile file) throws IOException {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(file.strainChannel(), "strain/Strain");
    for (ChannelInfo channel : file.channels()) {
      String name = channel.name().toUpperCase(Locale.ROOT);
      if (channel.type().isInteger() && name.endsWith("DQMASK")) {
        names.put(channel.name(), "quality/simple/DQmask");
      } else if (channel.type().isInteger() && name.endsWith("INJMASK")) {
        names.put(channel.name(), "quality/injections/Injmask");
      }
    }
    return names;
  }

  private static ChannelData named(ChannelData data, String name) {
    ChannelInfo info = data.info();
    return new ChannelData(
        new ChannelInfo(
            name, info.kind(), info.type(), info.sampleRateHz(), info.unit(), info.spans()),
        data.values());
  }

  private void writeHdf5(StrainFile file, List<ChannelData> data) throws IOException {
    try (Hdf5Writer writer = Hdf5Writer.create(output)) {
      for (ChannelData channel : data) {
        writer.write(channel);
      }
      writer.finish(file.detector().or(() -> detector(file)));
    }
  }

  /** As in {@code H1:LOSC-STRAIN}, if all channels are of one. */
  private static Optional<String> detector(StrainFile file) {
    try {
      List<String> prefixes =
          file.channels().stream()
              .map(channel -> channel.name().replaceFirst("^([A-Z][0-9]):.*|.*", "$1"))
              .distinct()
              .toList();
      return prefixes.size() == 1 && !prefixes.getFirst().isEmpty()
          ? Optional.of(prefixes.getFirst())
          : Optional.empty();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A frame for each span; all channels have the same ones. */
  private void writeFrames(List<ChannelData> data) throws IOException {
    List<Segment> spans = data.getFirst().info().spans();
    for (ChannelData channel : data) {
      if (!channel.info().spans().equals(spans)) {
        throw new IllegalArgumentException(
            "channel %s: %s (expected: %s, as %s; choose channels with --channel)"
                .formatted(
                    channel.info().name(),
                    channel.info().spans(),
                    spans,
                    data.getFirst().info().name()));
      }
    }
    try (FrameWriter writer = FrameWriter.create(output, packing)) {
      for (int i = 0; i < spans.size(); i++) {
        int index = i;
        writer.write(spans.get(i), data.stream().map(each -> part(each, index)).toList());
      }
      writer.finish();
    }
  }

  private static ChannelData part(ChannelData data, int span) {
    ChannelInfo info = data.info();
    long from = 0;
    for (Segment before : info.spans().subList(0, span)) {
      from += GpsTime.samples(before.durationNs(), info.sampleRateHz());
    }
    Segment part = info.spans().get(span);
    long samples = GpsTime.samples(part.durationNs(), info.sampleRateHz());
    MemorySegment values =
        data.values().asSlice(from * info.type().bytes(), samples * info.type().bytes());
    return new ChannelData(
        new ChannelInfo(
            info.name(), info.kind(), info.type(), info.sampleRateHz(), info.unit(), List.of(part)),
        values);
  }
}
