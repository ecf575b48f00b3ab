package org.etalon.strain.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTest {
  private static final List<Double> RATES = List.of(1.0, 16.0, 256.0, 4096.0, 16384.0, 0.5, 3.0);
  private static final List<FramePacking> PACKINGS = List.of(FramePacking.values());
  private static final ChannelInfo.Kind[] KINDS = {
    ChannelInfo.Kind.ADC, ChannelInfo.Kind.PROC, ChannelInfo.Kind.SIM
  };

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void writesWhatTheReaderReadsBackBitForBit(long seed) throws IOException {
    var random = new SplittableRandom(seed);
    FramePacking packing = PACKINGS.get(random.nextInt(3));
    long lengthSeconds = 2L * (1 + random.nextInt(3));
    List<ChannelInfo> infos = new ArrayList<>();
    for (SampleType type : SampleType.values()) {
      infos.add(
          info(
              "X1:" + type,
              KINDS[random.nextInt(3)],
              type,
              RATES.get(random.nextInt(7)),
              "u" + type));
    }
    List<List<ChannelData>> frames = new ArrayList<>();
    List<Segment> spans = new ArrayList<>();
    long startSeconds = 1_000_000_000L + random.nextInt(1000);
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      startSeconds += random.nextInt(2) * lengthSeconds; // a gap, or none
      Segment span = Segment.ofSeconds(startSeconds, startSeconds + lengthSeconds);
      startSeconds += lengthSeconds;
      spans.add(span);
      frames.add(infos.stream().map(info -> random(info, span, random)).toList());
    }
    Path path = folder.resolve("x.gwf");
    write(path, packing, spans, frames);
    try (StrainFile file = StrainFile.open(path)) {
      for (int c = 0; c < infos.size(); c++) {
        ChannelData read = file.read(infos.get(c).name());
        assertThat(read.info().kind()).isEqualTo(infos.get(c).kind());
        assertThat(read.info().type()).isEqualTo(infos.get(c).type());
        assertThat(read.info().unit()).isEqualTo(infos.get(c).unit());
        assertThat(read.info().sampleRateHz()).isEqualTo(infos.get(c).sampleRateHz());
        assertThat(read.info().spans())
            .isEqualTo(new org.etalon.strain.SegmentList(spans).segments());
        assertThat(read.values().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(joined(frames, c));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SampleType.class)
  void packsWhatIsConstantOrAtTheLimitsOfItsType(SampleType type) throws IOException {
    for (FramePacking packing : FramePacking.values()) {
      for (int pattern : new int[] {0x00, 0xFF, 0x7F, 0x80}) {
        Segment span = Segment.ofSeconds(10, 12);
        byte[] bytes = new byte[64 * type.bytes()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] =
              (byte)
                  (i / type.bytes() % 2 == 0
                      ? pattern
                      : 0x80 * (i % type.bytes() / (type.bytes() - 0.5)));
        }
        ChannelInfo info = info("X1:A", ChannelInfo.Kind.PROC, type, 32, "");
        Path path = folder.resolve("x.gwf");
        write(path, packing, List.of(span), List.of(List.of(data(info, span, bytes))));
        try (StrainFile file = StrainFile.open(path)) {
          assertThat(file.read("X1:A").values().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  void writesTheSameBytesTwice() throws IOException {
    Segment span = Segment.ofSeconds(10, 12);
    ChannelInfo info = info("X1:A", ChannelInfo.Kind.HDF5, SampleType.FLOAT64, 64, "strain");
    List<List<ChannelData>> frames = List.of(List.of(random(info, span, new SplittableRandom(1))));
    Path first = folder.resolve("a.gwf");
    Path second = folder.resolve("b.gwf");
    write(first, FramePacking.GZIP, List.of(span), frames);
    write(second, FramePacking.GZIP, List.of(span), frames);
    assertThat(second).hasSameBinaryContentAs(first);
  }

  @Test
  void leavesNothingBehindIfItIsNotFinished() throws IOException {
    Path path = folder.resolve("x.gwf");
    Segment span = Segment.ofSeconds(10, 12);
    ChannelInfo info = info("X1:A", ChannelInfo.Kind.PROC, SampleType.FLOAT32, 64, "");
    try (FrameWriter writer = FrameWriter.create(path, FramePacking.RAW)) {
      writer.write(span, List.of(random(info, span, new SplittableRandom(1))));
      assertThat(path).doesNotExist();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void keepsTheFileThatWasThereUntilTheNewOneIsWhole() throws IOException {
    Path path = Files.writeString(folder.resolve("x.gwf"), "kept");
    FrameWriter.create(path, FramePacking.RAW).close();
    assertThat(path).hasContent("kept");
  }

  @Test
  void refusesByNameWhatAFileCannotHold() throws IOException {
    Segment span = Segment.ofSeconds(10, 12);
    var random = new SplittableRandom(1);
    ChannelInfo info = info("X1:A", ChannelInfo.Kind.PROC, SampleType.FLOAT32, 64, "");
    ChannelInfo other = info("X1:A", ChannelInfo.Kind.PROC, SampleType.FLOAT64, 64, "");
    ChannelData data = random(info, span, random);
    Segment later = Segment.ofSeconds(12, 14);
    try (FrameWriter writer = FrameWriter.create(folder.resolve("x.gwf"), FramePacking.RAW)) {
      assertThatThrownBy(() -> writer.write(later, List.of(data))).hasMessageContaining("X1:A");
      assertThatThrownBy(() -> writer.write(span, List.of(data, data)))
          .hasMessageContaining("once");
      assertThatThrownBy(() -> writer.write(span, List.of())).hasMessageContaining("none");
      writer.write(span, List.of(data));
      assertThatThrownBy(() -> writer.write(span, List.of(data)))
          .hasMessageContaining("from 12 on");
      assertThatThrownBy(() -> writer.write(later, List.of(random(other, later, random))))
          .hasMessageContaining("FLOAT64")
          .hasMessageContaining("as in the frames before");
    }
  }

  private static void write(
      Path path, FramePacking packing, List<Segment> spans, List<List<ChannelData>> frames)
      throws IOException {
    try (FrameWriter writer = FrameWriter.create(path, packing)) {
      for (int i = 0; i < spans.size(); i++) {
        writer.write(spans.get(i), frames.get(i));
      }
      writer.finish();
    }
  }

  private static byte[] joined(List<List<ChannelData>> frames, int channel) {
    var bytes = new java.io.ByteArrayOutputStream();
    for (List<ChannelData> frame : frames) {
      bytes.writeBytes(frame.get(channel).values().toArray(ValueLayout.JAVA_BYTE));
    }
    return bytes.toByteArray();
  }

  private static ChannelInfo info(
      String name, ChannelInfo.Kind kind, SampleType type, double rateHz, String unit) {
    return new ChannelInfo(name, kind, type, rateHz, unit, List.of(Segment.ofSeconds(0, 2)));
  }

  private static ChannelData data(ChannelInfo info, Segment span, byte[] bytes) {
    return new ChannelData(
        new ChannelInfo(
            info.name(), info.kind(), info.type(), info.sampleRateHz(), info.unit(), List.of(span)),
        MemorySegment.ofArray(bytes));
  }

  /** Noise of few bits in some channels, so that packing has something to gain. */
  private static ChannelData random(ChannelInfo info, Segment span, SplittableRandom random) {
    long samples = GpsTime.samples(span.durationNs(), info.sampleRateHz());
    byte[] bytes = new byte[(int) samples * info.type().bytes()];
    boolean isSmooth = random.nextBoolean();
    int step = random.nextInt(1, 5);
    for (int i = 0; i < bytes.length; i++) {
      boolean isLow = i % info.type().bytes() == 0;
      bytes[i] = (byte) (isSmooth ? isLow ? random.nextInt(step) : 0 : random.nextInt());
    }
    return data(info, span, bytes);
  }
}
