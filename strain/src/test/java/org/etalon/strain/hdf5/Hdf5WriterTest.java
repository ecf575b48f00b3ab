package org.etalon.strain.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Hdf5WriterTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void writesWhatTheReaderReadsBackBitForBit(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    List<ChannelData> channels = new ArrayList<>();
    for (SampleType type : SampleType.values()) {
      double rateHz = List.of(1.0, 16.0, 4096.0, 0.5).get(random.nextInt(4));
      long startNs = 1_126_259_446_000_000_000L + random.nextInt(4) * 250_000_000L;
      Segment span = new Segment(startNs, startNs + random.nextInt(1, 4) * 2_000_000_000L);
      String name = (random.nextBoolean() ? "a/" : "") + "X1:" + type;
      channels.add(random(name, type, rateHz, random.nextBoolean() ? "strain" : "", span, random));
    }
    Path path = write(channels);
    try (StrainFile file = StrainFile.open(path)) {
      assertThat(file.channels()).hasSize(channels.size());
      assertThat(file.detector()).contains("X1");
      for (ChannelData channel : channels) {
        ChannelData read = file.read(channel.info().name());
        assertThat(read.info()).isEqualTo(channel.info());
        assertThat(read.values().toArray(ValueLayout.JAVA_BYTE))
            .isEqualTo(channel.values().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @Test
  void writesTheNamesOfBitsBesideAMask() throws IOException {
    Segment span = Segment.ofSeconds(10, 14);
    ChannelData mask =
        random(
            "quality/simple/DQmask",
            SampleType.UINT32,
            1,
            "0:DATA 1:CBC_CAT1",
            span,
            new SplittableRandom(1));
    try (StrainFile file = StrainFile.open(write(List.of(mask)))) {
      assertThat(file.readMask("quality/simple/DQmask").names())
          .containsExactly("DATA", "CBC_CAT1");
    }
  }

  @Test
  void refusesGapsAndANameGivenTwice() throws IOException {
    Segment span = Segment.ofSeconds(10, 14);
    ChannelData data = random("A", SampleType.INT32, 1, "", span, new SplittableRandom(1));
    ChannelInfo gap =
        new ChannelInfo(
            "A",
            ChannelInfo.Kind.PROC,
            SampleType.INT32,
            1,
            "",
            List.of(Segment.ofSeconds(10, 12), Segment.ofSeconds(13, 15)));
    try (Hdf5Writer writer = Hdf5Writer.create(folder.resolve("x.hdf5"))) {
      writer.write(data);
      assertThatThrownBy(() -> writer.write(data)).hasMessageContaining("A, a second time");
      assertThatThrownBy(() -> writer.write(new ChannelData(gap, data.values())))
          .hasMessageContaining("channel A: [[10, 12), [13, 15)]");
    }
    assertThat(folder).isEmptyDirectory();
  }

  /** Values of hashlittle(key, length, 0), published in lookup3.c's driver5. */
  @Test
  void computesThePublishedChecksums() {
    byte[] text = "Four score and seven years ago".getBytes(StandardCharsets.US_ASCII);
    assertThat(Lookup3.of(new byte[0], 0)).isEqualTo(0xdeadbeef);
    assertThat(Lookup3.of(text, text.length)).isEqualTo(0x17770551);
  }

  private Path write(List<ChannelData> channels) throws IOException {
    Path path = folder.resolve("x.hdf5");
    try (Hdf5Writer writer = Hdf5Writer.create(path)) {
      for (ChannelData channel : channels) {
        writer.write(channel);
      }
      writer.finish(Optional.of("X1"));
    }
    return path;
  }

  private static ChannelData random(
      String name,
      SampleType type,
      double rateHz,
      String unit,
      Segment span,
      SplittableRandom random) {
    byte[] bytes = new byte[(int) GpsTime.samples(span.durationNs(), rateHz) * type.bytes()];
    random.nextBytes(bytes);
    return new ChannelData(
        new ChannelInfo(name, ChannelInfo.Kind.HDF5, type, rateHz, unit, List.of(span)),
        MemorySegment.ofArray(bytes));
  }
}
