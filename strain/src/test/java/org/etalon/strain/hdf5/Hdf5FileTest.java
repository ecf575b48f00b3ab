package org.etalon.strain.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.etalon.strain.BitMask;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Hdf5FileTest {
  private static final Path SHARED = Path.of(System.getProperty("etalon.shared", "absent"), "data");
  private static final Path RESOURCES = Path.of("src/test/resources/org/etalon/strain/hdf5");

  @Test
  void readsPublicStrainAsTheFrameFileOfTheSameSamples() throws IOException {
    Path hdf5 = SHARED.resolve("H-H1_LOSC_4_V2-1126259446-32.hdf5");
    assumeTrue(Files.exists(hdf5), "needs ../shared/data: " + hdf5);
    try (StrainFile file = StrainFile.open(hdf5);
        StrainFile frames = StrainFile.open(SHARED.resolve("H-H1_LOSC_4_V2-1126259446-32.gwf"))) {
      assertThat(file.strainChannel("H1")).isEqualTo("strain/Strain");
      assertThat(file.detector()).isEqualTo(Optional.of("H1"));
      TimeSeries strain = file.readSeries(file.strainChannel());
      TimeSeries same = frames.readSeries(frames.strainChannel());
      assertThat(strain.samples()).containsExactly(same.samples());
      assertThat(strain.segment()).isEqualTo(same.segment());
      assertThat(strain.sampleRateHz()).isEqualTo(4096);
      BitMask mask = file.readMask(file.dataQualityChannel().orElseThrow());
      BitMask sameMask = frames.readMask(frames.dataQualityChannel().orElseThrow());
      assertThat(mask.names()).contains("DATA", "CBC_CAT3").isEqualTo(sameMask.names());
      assertThat(mask.segments("DATA"))
          .isEqualTo(SegmentList.of(Segment.ofSeconds(1126259446, 1126259478)))
          .isEqualTo(sameMask.segments("DATA"));
    }
  }

  @Test
  void readsTheLayoutOfGwpyAsTheFrameFileOfTheSameSamples() throws IOException {
    Path hdf5 = SHARED.resolve("HLV-HW100916-968654552-1.hdf");
    assumeTrue(Files.exists(hdf5), "needs ../shared/data: " + hdf5);
    try (StrainFile file = StrainFile.open(hdf5);
        StrainFile frames = StrainFile.open(SHARED.resolve("gwf/HLV-HW100916-968654552-1.gwf"))) {
      for (ChannelInfo info : file.channels()) {
        assertThat(file.readSeries(info.name()).samples())
            .containsExactly(frames.readSeries(info.name()).samples());
        ChannelInfo same = frames.channel(info.name());
        assertThat(info.unit()).isEqualTo(same.unit());
        assertThat(info.spans()).isEqualTo(same.spans());
        assertThat(info.sampleRateHz()).isEqualTo(same.sampleRateHz());
      }
      assertThat(file.strainChannel("V1")).isEqualTo("V1:h_16384Hz");
      assertThatThrownBy(file::strainChannel)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("L1:LDAS-STRAIN")
          .hasMessageContaining("V1:h_16384Hz");
    }
  }

  @Test
  void readsTheWitnessesOfASimulatedDetectorAsItsFrames() throws IOException {
    Path hdf5 = SHARED.resolve("deepclean/sim-seed7-1262304000-32.hdf5");
    assumeTrue(Files.exists(hdf5), "needs ../shared/data: " + hdf5);
    Path frames = SHARED.resolve("deepclean/frames/H-H1_HOFT_SIM-1262304003-1.gwf");
    try (StrainFile file = StrainFile.open(hdf5);
        StrainFile second = StrainFile.open(frames)) {
      assertThat(file.channels()).hasSize(13);
      TimeSeries strain = file.readSeries(file.strainChannel());
      TimeSeries cut = second.readSeries(second.strainChannel());
      assertThat(strain.channel()).isEqualTo("H1:GDS-CALIB_STRAIN").isEqualTo(cut.channel());
      assertThat(strain.crop(cut.segment()).samples()).containsExactly(cut.samples());
    }
  }

  /** The file and its digests were made with h5py: see make_files.py beside it. */
  @Test
  void readsEveryTypeThatH5pyWrites() throws Exception {
    try (StrainFile file = StrainFile.open(RESOURCES.resolve("types.hdf5"))) {
      assertThat(file.channels()).hasSize(28);
      for (String line : Files.readAllLines(RESOURCES.resolve("types.txt"))) {
        String[] expected = line.split(" ");
        ChannelInfo info = file.channel(expected[0]);
        assertThat(info.type().name()).isEqualTo(expected[1]);
        assertThat(info.sampleRateHz()).isEqualTo(16);
        byte[] values = file.read(expected[0]).values().toArray(ValueLayout.JAVA_BYTE);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(values)))
            .as(expected[0])
            .isEqualTo(expected[2]);
      }
    }
  }

  @Test
  void cutsStrainAtNan() throws IOException {
    try (StrainFile file = StrainFile.open(RESOURCES.resolve("gaps.hdf5"))) {
      assertThat(file.strainChannel("L1")).isEqualTo("strain/Strain");
      assertThat(file.readSpans("strain/Strain").stream().map(TimeSeries::segment))
          .containsExactly(
              Segment.ofSeconds(1400000002, 1400000005), Segment.ofSeconds(1400000006, 1400000008));
      assertThatThrownBy(() -> file.readSeries("strain/Strain"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("2 gaps")
          .hasMessageContaining("[1400000000, 1400000002), [1400000005, 1400000006)");
      BitMask mask = file.readMask(file.dataQualityChannel().orElseThrow());
      assertThat(mask.segments("DATA"))
          .isEqualTo(
              SegmentList.of(
                  Segment.ofSeconds(1400000002, 1400000005),
                  Segment.ofSeconds(1400000006, 1400000008)));
      assertThat(mask.segments("CBC_CAT1"))
          .isEqualTo(SegmentList.of(Segment.ofSeconds(1400000003, 1400000004)));
    }
  }

  @Test
  void refusesStrainOfAnotherDetector() throws IOException {
    try (StrainFile file = StrainFile.open(RESOURCES.resolve("gaps.hdf5"))) {
      assertThatThrownBy(() -> file.strainChannel("H1"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("strain of L1 (expected: H1)");
    }
  }

  @Test
  void namesTheNearestChannelsForOneThatIsMissing() throws IOException {
    try (StrainFile file = StrainFile.open(RESOURCES.resolve("gaps.hdf5"))) {
      assertThatThrownBy(() -> file.read("strain/strian"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("gaps.hdf5: no channel 'strain/strian'")
          .hasMessageContaining("[strain/Strain, ");
    }
  }

  @Test
  void refusesFilesThatAreCutOffOrForeign(@TempDir Path folder) throws IOException {
    byte[] whole = Files.readAllBytes(RESOURCES.resolve("gaps.hdf5"));
    Path cut = folder.resolve("cut.hdf5");
    Files.write(cut, Arrays.copyOf(whole, whole.length - 100));
    assertThatThrownBy(() -> StrainFile.open(cut))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cut.hdf5")
        .hasMessageContaining("cut off");
    Path foreign = Files.writeString(folder.resolve("strain.hdf5"), "time,strain\n");
    assertThatThrownBy(() -> StrainFile.open(foreign))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a strain file")
        .hasMessageContaining("GWF")
        .hasMessageContaining("HDF5");
  }
}
