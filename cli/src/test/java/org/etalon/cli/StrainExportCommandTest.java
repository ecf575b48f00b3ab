package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.etalon.inference.npy.Npy;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrainExportCommandTest {
  private static final String RESOURCE = "/org/etalon/strain/hdf5/types.hdf5";

  @TempDir private Path folder;
  private Path strain = Path.of("");
  private Path output = Path.of("");

  @BeforeEach
  void copyStrain() throws IOException {
    strain = folder.resolve("types.hdf5");
    output = folder.resolve("x.npy");
    try (InputStream file = getClass().getResourceAsStream(RESOURCE)) {
      Files.copy(Objects.requireNonNull(file), strain);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "le/X1:i1,|i1",
    "be/X1:u1,|u1",
    "be/X1:i2,<i2",
    "le/X1:u2,<u2",
    "le/X1:i4,<i4",
    "be/X1:u4,<u4",
    "be/X1:i8,<i8",
    "le/X1:u8,<u8",
    "be/X1:f4,<f4",
    "le/X1:f8,<f8",
    "le/X1:c8,<c8",
    "be/X1:c16,<c16"
  })
  void keepsTheChannelsDatatype(String channel, String dtype) throws IOException {
    CommandLineRun run = export("--channel", channel);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(Npy.read(output).dtype()).isEqualTo(dtype);
    assertThat(Npy.read(output).shape()).containsExactly(100);
  }

  @Test
  void exportsTheSamplesOfTheFile() throws IOException {
    assertThat(export("--channel", "be/X1:f8").status()).isZero();
    try (StrainFile file = StrainFile.open(strain)) {
      double[] samples = file.readSeries("be/X1:f8").samples();
      assertThat(Npy.read(output).doubles()).isEqualTo(samples);
    }
  }

  @Test
  void refusesToReplaceAFileUnlessForced() throws IOException {
    Files.writeString(output, "kept");
    assertFails(export("--channel", "le/X1:f8"), "x.npy: exists already");
    assertThat(output).hasContent("kept");
    assertThat(export("--channel", "le/X1:f8", "--force").status()).isZero();
  }

  @Test
  void namesTheNearestOfAChannelThatIsMissing() {
    assertFails(export("--channel", "le/X1:f9"), "no channel 'le/X1:f9'");
  }

  @Test
  void namesTheFolderThatIsMissing() {
    output = folder.resolve("missing").resolve("x.npy");
    assertFails(export("--channel", "le/X1:f8"), "x.npy: there is no folder");
  }

  @Test
  void refusesAFolderInPlaceOfAFile() throws IOException {
    Files.createDirectory(output);
    assertFails(export("--channel", "le/X1:f8", "--force"), "x.npy: is a folder");
    Files.delete(strain);
    assertFails(CommandLineRun.of("strain", "info", folder.toString()), ": no strain files in it");
  }

  @Test
  void namesAFileThatIsMissingOrCutOff() throws IOException {
    byte[] whole = Files.readAllBytes(strain);
    Files.write(strain, Arrays.copyOf(whole, whole.length / 2));
    assertFails(export("--channel", "le/X1:f8"), "the file is cut off");
    Files.delete(strain);
    assertFails(export("--channel", "le/X1:f8"), "types.hdf5: no such file or folder");
  }

  private CommandLineRun export(String... options) {
    return CommandLineRun.of(
        Stream.concat(
                Stream.of("strain", "export", strain.toString(), "--output", output.toString()),
                Stream.of(options))
            .toArray(String[]::new));
  }

  /** Exit status 1, one line that names the fault, and nothing half written. */
  private void assertFails(CommandLineRun run, String fault) {
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.errLines()).singleElement().asString().startsWith("etalon: ").contains(fault);
    assertThat(folder.toFile().list((_, name) -> name.endsWith(".part"))).isEmpty();
  }
}
