package org.etalon.strain.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Versions, byte orders and compressions of which there are no files of other writers. */
class FrameFormatVersionsTest {
  private static final long[] STEPS = {-3, 0, 0, 0, 0, 100, -100, 1, 2, 3, 100, -128};
  private static final double[] VALUES = sums(STEPS);
  @TempDir Path folder;

  static List<Arguments> formats() {
    List<Arguments> formats = new ArrayList<>();
    for (int version : new int[] {4, 6, 8}) {
      for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
        formats.add(Arguments.of(version, order));
      }
    }
    return formats;
  }

  @ParameterizedTest
  @MethodSource("formats")
  void readsEveryCompressionOfIntegers(int version, ByteOrder order) throws IOException {
    int flag = order == ByteOrder.LITTLE_ENDIAN ? 256 : 0;
    for (int width : new int[] {1, 2, 4, 8}) {
      byte[] raw = SyntheticFrames.numbers(order, width, longs(VALUES));
      byte[] steps = SyntheticFrames.numbers(order, width, STEPS);
      var vector = vector(width, 0, raw);
      assertRead(version, order, vector);
      assertRead(version, order, vector(width, flag + 1, SyntheticFrames.deflated(raw)));
      assertRead(version, order, vector(width, flag + 3, SyntheticFrames.deflated(steps)));
      if (width > 1) {
        int code = width == 2 ? 5 : width == 4 ? 8 : 10;
        for (int block : new int[] {1, 4, 5, 12, 100}) {
          byte[] packed = SyntheticFrames.zeroSuppressed(order, width, block, STEPS);
          assertRead(version, order, vector(width, flag + code, packed));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void readsFloatsStoredAsScaledSteps(int version, ByteOrder order) throws IOException {
    var vector = new SyntheticFrames.Vector();
    vector.type = 3;
    vector.compress = (order == ByteOrder.LITTLE_ENDIAN ? 256 : 0) + 7;
    vector.samples = 3;
    byte[] first =
        SyntheticFrames.numbers(order, 4, Float.floatToIntBits(10), Float.floatToIntBits(0.5f));
    byte[] steps = SyntheticFrames.numbers(order, 2, 0, -2, 7);
    vector.data = Arrays.copyOf(first, 14);
    System.arraycopy(steps, 0, vector.data, 8, 6);
    byte[] file = new SyntheticFrames(version, order).frame(1000, vector).bytes();
    assertThat(read(file).getFirst().samples()).containsExactly(10, 9, 12.5);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void keepsGapsBetweenFramesAndSortsThem(int version, ByteOrder order) throws IOException {
    var vector = vector(4, 0, SyntheticFrames.numbers(order, 4, longs(VALUES)));
    byte[] file =
        new SyntheticFrames(version, order)
            .frame(1006, vector)
            .frame(1000, vector)
            .frame(1003, vector)
            .frame(1020, vector)
            .bytes();
    assertThat(read(file).stream().map(TimeSeries::segment))
        .containsExactly(Segment.ofSeconds(1000, 1009), Segment.ofSeconds(1020, 1023));
    try (StrainFile opened = open(file)) {
      assertThatThrownBy(() -> opened.readSeries("X1:TEST"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("1 gaps within [1000, 1023): [1009, 1020)");
    }
  }

  @Test
  void addsTheOffsetOfAChannelToItsFramesTime() throws IOException {
    for (int version : new int[] {4, 8}) {
      var vector = vector(4, 0, SyntheticFrames.numbers(ByteOrder.BIG_ENDIAN, 4, longs(VALUES)));
      vector.timeOffset = 2;
      byte[] file = new SyntheticFrames(version, ByteOrder.BIG_ENDIAN).frame(1000, vector).bytes();
      assertThat(read(file).getFirst().segment()).isEqualTo(Segment.ofSeconds(1002, 1005));
    }
  }

  @Test
  void listsNoSpectraImagesOrStrings() throws IOException {
    var spectrum = valid();
    spectrum.procType = 2;
    var inHertz = valid();
    inHertz.unitX = "Hz";
    var image = valid();
    image.dimensions = 2;
    var strings = valid();
    strings.type = 8;
    for (SyntheticFrames.Vector vector : List.of(spectrum, inHertz, image, strings)) {
      try (StrainFile file = open(little(8).frame(1000, vector).bytes())) {
        assertThat(file.channels()).isEmpty();
        assertThatThrownBy(() -> file.read("X1:TEST"))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("the file has none");
      }
    }
  }

  @Test
  void refusesSizesThatContradictEachOther() {
    assertRefused(
        vector -> vector.samples = 13, "nData 13 of INT32 in 48 bytes, RAW (expected: 1 to 12)");
    assertRefused(vector -> vector.samples = 0, "nData 0");
    assertRefused(vector -> vector.samples = 1L << 40, "nData 1099511627776");
    assertRefused(vector -> vector.type = 99, "type 99");
    assertRefused(vector -> vector.compress = 2, "compress 2");
    assertRefused(vector -> vector.compress = 5, "compress 5 of INT32");
    assertRefused(vector -> vector.compress = 1024, "compress 1024");
    assertRefused(vector -> vector.dx = 0, "0.0 s between samples");
    assertRefused(vector -> vector.dx = Double.NaN, "NaN s between samples");
    assertRefused(vector -> vector.timeOffset = 1e300, "1.0E300 s after its frame's start");
    assertRefused(vector -> vector.vectorInstance = 5, "which its frame lacks");
    assertRefused(vector -> vector.endRun = 8, "run 8 (expected: 7");
  }

  @Test
  void refusesABombBeforeItUnpacksIt() {
    assertRefused(
        vector -> {
          vector.compress = 257;
          vector.data = SyntheticFrames.deflated(new byte[4000]);
          vector.samples = 100_000_000;
        },
        "nData 100000000");
    assertRefused(
        vector -> {
          vector.compress = 257;
          vector.data = SyntheticFrames.deflated(new byte[4000]);
          vector.samples = 999;
        },
        "goes on after 3996 bytes");
    assertRefused(
        vector -> {
          vector.compress = 264;
          vector.data = new byte[8];
        },
        "blocks of no values");
  }

  @Test
  void refusesFramesOfOneChannelThatOverlapOrDiffer() {
    assertThatThrownBy(() -> read(little(8).frame(1000, valid()).frame(1002, valid()).bytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("begins again at 1002 (expected: from 1003 on");
    var faster = valid();
    faster.dx = 0.125;
    assertThatThrownBy(() -> read(little(8).frame(1000, valid()).frame(1003, faster).bytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("INT32 at 8.0 Hz here (expected: INT32 at 4.0 Hz");
  }

  @Test
  void refusesAWrongChecksumOfAFrameAndOfAFile() throws IOException {
    byte[] six = little(6).frame(1000, valid()).bytes();
    six[six.length - 100] ^= 1;
    assertThatThrownBy(() -> open(six))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chkSum")
        .hasMessageContaining("damaged");
    byte[] header = little(8).frame(1000, valid()).bytes();
    header[6] ^= 1;
    assertThatThrownBy(() -> open(header))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("FrEndOfFile.chkSumFrHeader");
  }

  @Test
  void findsStrainByItsName() throws IOException {
    var vector = valid();
    vector.type = 3;
    for (String name :
        List.of("H1:GDS-CALIB_STRAIN", "V1:Hrec_hoft_16384Hz", "V1:h_16384Hz", "h")) {
      vector.channel = name;
      try (StrainFile file = open(little(8).frame(1000, vector).bytes())) {
        assertThat(file.strainChannel()).isEqualTo(name);
      }
    }
  }

  @Test
  void findsNoStrainOfADetectorThatTheFileLacks() throws IOException {
    var vector = valid();
    vector.type = 3;
    vector.channel = "H1:GDS-CALIB_STRAIN";
    try (StrainFile file = open(little(8).frame(1000, vector).bytes())) {
      assertThat(file.strainChannel("H1")).isEqualTo("H1:GDS-CALIB_STRAIN");
      assertThatThrownBy(() -> file.strainChannel("K1"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no strain channel of K1 (its channels: [H1:GDS-CALIB_STRAIN])");
    }
  }

  @Test
  void computesTheChecksumOfPosix() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    // The value of `printf 123456789 | cksum`.
    assertThat(Integer.toUnsignedLong(Checksum.of(MemorySegment.ofArray(digits))))
        .isEqualTo(930766865L);
    byte[] many = new byte[1003];
    for (int i = 0; i < many.length; i++) {
      many[i] = (byte) (i * 7);
    }
    assertThat(Checksum.of(MemorySegment.ofArray(many)))
        .isEqualTo(SyntheticFrames.Cksum.of(many, 0, many.length));
  }

  private void assertRefused(Consumer<SyntheticFrames.Vector> damage, String message) {
    var vector = valid();
    damage.accept(vector);
    assertThatThrownBy(() -> read(little(8).frame(1000, vector).bytes()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("test.gwf: at byte ")
        .hasMessageContaining(message);
  }

  private void assertRead(int version, ByteOrder order, SyntheticFrames.Vector vector)
      throws IOException {
    byte[] file = new SyntheticFrames(version, order).frame(1000, vector).bytes();
    assertThat(read(file).getFirst().samples())
        .as("version %d, %s, compress %d, type %d", version, order, vector.compress, vector.type)
        .containsExactly(VALUES);
  }

  private static SyntheticFrames little(int version) {
    return new SyntheticFrames(version, ByteOrder.LITTLE_ENDIAN);
  }

  private static SyntheticFrames.Vector valid() {
    return vector(4, 0, SyntheticFrames.numbers(ByteOrder.LITTLE_ENDIAN, 4, longs(VALUES)));
  }

  private static SyntheticFrames.Vector vector(int width, int compress, byte[] data) {
    var vector = new SyntheticFrames.Vector();
    vector.type = width == 1 ? 0 : width == 2 ? 1 : width == 4 ? 4 : 5;
    vector.compress = compress;
    vector.samples = VALUES.length;
    vector.data = data;
    return vector;
  }

  private List<TimeSeries> read(byte[] bytes) throws IOException {
    try (StrainFile file = open(bytes)) {
      ChannelInfo info = file.channels().getFirst();
      return file.readSpans(info.name());
    }
  }

  private StrainFile open(byte[] bytes) throws IOException {
    return StrainFile.open(Files.write(folder.resolve("test.gwf"), bytes));
  }

  private static double[] sums(long[] steps) {
    double[] sums = new double[steps.length];
    double sum = 0;
    for (int i = 0; i < steps.length; i++) {
      sum += steps[i];
      sums[i] = sum;
    }
    return sums;
  }

  private static long[] longs(double[] values) {
    return Arrays.stream(values).mapToLong(value -> (long) value).toArray();
  }
}
