package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.strain.ChannelData;
import org.etalon.strain.SampleType;
import org.etalon.strain.StrainFile;
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
  @Parameters(paramLabel = "FILE", description = "A frame (GWF) or HDF5 file.")
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
    try (StrainFile strain = StrainFile.open(file)) {
      String name = channel == null ? strain.strainChannel() : channel;
      ChannelData data = strain.read(name);
      Npy.write(
          output, new NpyArray(dtype(data.info().type()), new long[] {data.size()}, data.values()));
    }
    return 0;
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
