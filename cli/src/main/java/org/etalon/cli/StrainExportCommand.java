package org.etalon.cli;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.FileEntry;
import org.etalon.strain.source.StrainCatalog;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code etalon strain export}. */
@Command(
    name = "export",
    description = "Writes one channel as a NumPy array in the channel's own datatype.",
    mixinStandardHelpOptions = true)
final class StrainExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      description =
          "A frame (GWF) or HDF5 file; a folder of them or a cache file, if there is no gap.")
  private Path file = Path.of("");

  @Option(names = "--channel", description = "The channel; found by itself if it is the strain.")
  private @Nullable String channel;

  @Option(names = "--output", required = true, description = "The .npy file to write.")
  private Path output = Path.of("");

  @Option(names = "--force", description = "Replace the output file if it exists.")
  private boolean mayReplace;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(output) && !mayReplace) {
      throw new IOException(
          "%s: exists already (delete it, choose another name, or say --force)".formatted(output));
    }
    List<Path> files = files();
    String name = channel == null ? strainChannel(files.getFirst()) : channel;
    List<ChannelData> parts = new ArrayList<>();
    for (Path path : files) {
      try (StrainFile strain = StrainFile.open(path)) {
        parts.add(strain.read(name));
      }
    }
    ChannelData data = parts.size() == 1 ? parts.getFirst() : joined(parts);
    Npy.write(
        output, new NpyArray(dtype(data.info().type()), new long[] {data.size()}, data.values()));
    return 0;
  }

  private List<Path> files() throws IOException {
    if (!StrainCatalog.isMany(file)) {
      return List.of(file);
    }
    StrainCatalog all = StrainCatalog.of(List.of(file));
    StrainCatalog found = channel == null ? all : all.with(channel);
    found.requireDisjoint();
    return found.files().stream().map(FileEntry::path).toList();
  }

  private static String strainChannel(Path path) throws IOException {
    try (StrainFile strain = StrainFile.open(path)) {
      return strain.strainChannel();
    }
  }

  /** One file's samples after another's. */
  private ChannelData joined(List<ChannelData> parts) throws IOException {
    ChannelInfo first = parts.getFirst().info();
    long size = 0;
    long endNs = first.startNs();
    for (ChannelData part : parts) {
      ChannelInfo info = part.info();
      boolean isAlike = info.type() == first.type() && info.sampleRateHz() == first.sampleRateHz();
      if (!isAlike || info.spans().size() > 1 || info.startNs() != endNs) {
        throw new IOException(
            "%s: channel %s has %s of %s at %s Hz after %s (expected: %s at %s Hz, without a gap)"
                .formatted(
                    file,
                    info.name(),
                    info.spans(),
                    info.type(),
                    info.sampleRateHz(),
                    GpsTime.format(endNs),
                    first.type(),
                    first.sampleRateHz()));
      }
      endNs = info.endNs();
      size += part.values().byteSize();
    }
    if (size > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "%s: channel %s has %d bytes (expected: below 2 GiB)"
              .formatted(file, first.name(), size));
    }
    MemorySegment all = MemorySegment.ofArray(new byte[(int) size]);
    long at = 0;
    for (ChannelData part : parts) {
      MemorySegment.copy(part.values(), 0, all, at, part.values().byteSize());
      at += part.values().byteSize();
    }
    ChannelInfo info =
        new ChannelInfo(
            first.name(),
            first.kind(),
            first.type(),
            first.sampleRateHz(),
            first.unit(),
            List.of(new Segment(first.startNs(), endNs)));
    return new ChannelData(info, all);
  }

  private static String dtype(SampleType type) {
    return switch (type) {
      case INT8 -> "|i1";
      case UINT8 -> "|u1";
      case INT16 -> "<i2";
      case UINT16 -> "<u2";
      case INT32 -> "<i4";
      case UINT32 -> "<u4";
      case INT64 -> "<i8";
      case UINT64 -> "<u8";
      case FLOAT32 -> "<f4";
      case FLOAT64 -> "<f8";
      case COMPLEX64 -> "<c8";
      case COMPLEX128 -> "<c16";
    };
  }
}
