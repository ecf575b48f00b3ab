package org.etalon.strain.frames;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.StrainFile;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FrameFileTest {
  static List<Path> files() throws IOException {
    return ReferenceFiles.all();
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsEveryChannelAsTheReferenceLibrariesDo(Path path) throws IOException {
    List<ReferenceFiles.Channel> channels = ReferenceFiles.channels(path);
    try (StrainFile file = StrainFile.open(path)) {
      assertThat(file.channels().stream().map(ChannelInfo::name))
          .containsExactlyInAnyOrderElementsOf(
              channels.stream().map(channel -> channel.value("channel")).toList());
      for (ReferenceFiles.Channel channel : channels) {
        ChannelData data = file.read(channel.value("channel"));
        assertDescribed(data.info(), channel);
        assertThat(sha256(data.values().toArray(ValueLayout.JAVA_BYTE)))
            .as(data.info().name())
            .isEqualTo(channel.value("sha256_native_le"));
        if (!data.info().type().isComplex()) {
          assertThat(sha256(bytes(data.doubles())))
              .as(data.info().name())
              .isEqualTo(channel.value("sha256_float64_le"));
        }
      }
    }
  }

  private static void assertDescribed(ChannelInfo info, ReferenceFiles.Channel channel) {
    assertThat(info.kind().name().toLowerCase(Locale.ROOT)).isEqualTo(channel.value("type"));
    assertThat(info.type().name().toLowerCase(Locale.ROOT)).isEqualTo(channel.value("dtype"));
    double rateHz = Double.parseDouble(channel.value("sample_rate"));
    // The reference is rounded to eight digits.
    assertThat(info.sampleRateHz()).isCloseTo(rateHz, within(1e-7 * rateHz));
    assertThat(info.startNs())
        .isEqualTo(GpsTime.ofSeconds(Double.parseDouble(channel.value("t0"))));
    assertThat(info.sampleCount()).isEqualTo(Long.parseLong(channel.value("n")));
    assertThat(info.spans()).hasSize(1);
    assertThat(info.unit()).isEqualTo(channel.value("unit"));
  }

  private static byte[] bytes(double[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes.array();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
