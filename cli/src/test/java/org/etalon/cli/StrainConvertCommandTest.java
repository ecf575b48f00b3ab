package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StrainConvertCommandTest {
  private static final String RESOURCE =
      "/org/etalon/strain/frames/T-FRAMECPP_GZIP-1000000000-4.gwf";

  @TempDir private Path folder;
  private Path strain = Path.of("");

  @BeforeEach
  void copyStrain() throws IOException {
    strain = folder.resolve("T-T-1000000000-4.gwf");
    try (InputStream file = getClass().getResourceAsStream(RESOURCE)) {
      Files.copy(Objects.requireNonNull(file), strain);
    }
  }

  @Test
  void keepsEverySampleThereAndBack() throws IOException {
    Path hdf5 = folder.resolve("x.hdf5");
    Path frames = folder.resolve("x.gwf");
    assertDone(CommandLineRun.of("strain", "convert", strain.toString(), hdf5.toString()));
    assertDone(CommandLineRun.of("strain", "convert", hdf5.toString(), frames.toString()));
    try (StrainFile before = StrainFile.open(strain);
        StrainFile after = StrainFile.open(frames)) {
      assertThat(after.channels()).hasSameSizeAs(before.channels());
      for (ChannelInfo info : before.channels()) {
        ChannelInfo again = after.channel(info.name());
        assertThat(again.spans()).isEqualTo(info.spans());
        assertThat(again.type()).isEqualTo(info.type());
        assertThat(again.unit()).isEqualTo(info.unit());
        assertThat(again.sampleRateHz()).isEqualTo(info.sampleRateHz());
        assertThat(after.read(info.name()).values().toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(before.read(info.name()).values().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void choosesAndRenamesChannels() throws IOException {
    Path hdf5 = folder.resolve("x.hdf5");
    assertDone(
        CommandLineRun.of(
            "strain",
            "convert",
            strain.toString(),
            hdf5.toString(),
            "--channel",
            "T1:TEST-SINE_F64",
            "--rename",
            "T1:TEST-SINE_F64=strain/Strain"));
    try (StrainFile file = StrainFile.open(hdf5)) {
      assertThat(file.channels()).extracting(ChannelInfo::name).containsExactly("strain/Strain");
      assertThat(file.detector()).contains("T1");
    }
  }

  @Test
  void leavesNothingWhereItFails() throws IOException {
    Path hdf5 = folder.resolve("x.hdf5");
    CommandLineRun run =
        CommandLineRun.of(
            "strain", "convert", strain.toString(), hdf5.toString(), "--rename", "T1:NONE=x");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errLines()).singleElement().asString().contains("--rename of 'T1:NONE'");
    assertThat(folder.toFile().list()).containsExactly("T-T-1000000000-4.gwf");
  }

  @Test
  void printsSegmentsAndTheirArithmetic() throws IOException {
    Path a = Files.writeString(folder.resolve("a.txt"), "10 20\n30 40\n");
    Path b = Files.writeString(folder.resolve("b.txt"), "15 35\n");
    CommandLineRun run =
        CommandLineRun.of("strain", "segments", a.toString(), "--veto", b.toString(), "--json");
    assertThat(run.status()).isZero();
    assertThat(run.out().replaceAll("\\s", ""))
        .contains("\"start\":\"10\",\"end\":\"15\"")
        .contains("\"start\":\"35\",\"end\":\"40\"");
  }

  private static void assertDone(CommandLineRun run) {
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
  }
}
