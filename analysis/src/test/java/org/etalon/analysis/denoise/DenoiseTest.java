package org.etalon.analysis.denoise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.signal.Butterworth;
import org.etalon.strain.source.LiveListener;
import org.etalon.strain.source.LiveSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A minute of 512 Hz strain with a gap, and noise at 60 Hz that a witness has seen. */
class DenoiseTest {
  private static final int RATE = 512;
  private static final long START = 1_000_000_000;
  private static final double UNIT = 1e-21;
  private static final String RAW = "H1:STRAIN";
  private static final String CLEAN = "H1:STRAIN_CLEAN";
  private static final DenoiseSettings SETTINGS =
      new DenoiseSettings(0.25, 0.5, 50, 70, 6, 1, UNIT, 4, 3);
  private static final DenoiseProgressListener SILENT = (_, _, _) -> {};

  @TempDir private Path folder;
  private final double[] strain = new double[60 * RATE];
  private final double[] noise = new double[60 * RATE];

  /** Second 30 and half of second 31 are missing. */
  private static final int GAP = 30;

  private Path raw() throws IOException {
    Path data = Files.createDirectories(folder.resolve("raw"));
    Random random = new Random(5);
    for (int i = 0; i < strain.length; i++) {
      double modulation = 1 + 0.3 * Math.sin(2 * Math.PI * 0.7 * i / RATE);
      noise[i] = (float) (modulation * Math.cos(2 * Math.PI * 60 * i / RATE));
      strain[i] = UNIT * (0.01 * random.nextGaussian() + noise[i]);
    }
    for (int second = 0; second < 60; second++) {
      if (second != GAP) {
        write(data, second);
      }
    }
    return data;
  }

  private void write(Path data, int second) throws IOException {
    Segment span = Segment.ofSeconds(START + second, START + second + 1);
    Path file = data.resolve("H-H1_TEST-%d-1.gwf".formatted(START + second));
    int from = second * RATE;
    try (FrameWriter writer = FrameWriter.create(file, FramePacking.RAW)) {
      writer.write(
          span,
          List.of(
              channel(RAW, span, Arrays.copyOfRange(strain, from, from + RATE)),
              channel("H1:MAINS", span, Arrays.copyOfRange(noise, from, from + RATE)),
              channel("H1:OTHER", span, new double[RATE])));
      writer.finish();
    }
  }

  private static ChannelData channel(String name, Segment span, double[] samples) {
    MemorySegment values = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    MemorySegment.copy(samples, 0, values, ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, samples.length);
    return new ChannelData(
        new ChannelInfo(name, ChannelInfo.Kind.PROC, SampleType.FLOAT64, RATE, "", List.of(span)),
        values);
  }

  private DenoiseConfig config(Path data, String output, DenoiseSettings settings) {
    return new DenoiseConfig(
        List.of(data),
        Optional.of(RAW),
        List.of(data),
        List.of("H1:MAINS", "H1:OTHER"),
        ModelId.of("echo"),
        DenoiseConfig.USUAL_RULE,
        folder.resolve(output),
        settings);
  }

  private static Map<String, byte[]> frames(Path output) throws IOException {
    Map<String, byte[]> frames = new TreeMap<>();
    try (var files = Files.list(output.resolve("frames"))) {
      for (Path file : files.toList()) {
        frames.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return frames;
  }

  @Test
  void subtractsTheBandOfTheNoiseOnBothSidesOfAGap() throws Exception {
    DenoiseConfig config = config(raw(), "out", SETTINGS);

    DenoiseResult result = Denoise.run(config, new EchoNetwork(Integer.MAX_VALUE), SILENT);

    assertThat(result.cleanedSeconds()).isEqualTo(59);
    assertThat(result.effect().bandRmsRatio()).isLessThan(0.1);
    assertThat(result.effect().outsideMax()).isBetween(0.99, 1.01);
    var sections = Butterworth.bandpass(6, 50, 70, RATE);
    for (int[] stretch : new int[][] {{0, GAP}, {GAP + 1, 60}}) {
      double[] expected =
          sections.filterBothWays(Arrays.copyOfRange(noise, stretch[0] * RATE, stretch[1] * RATE));
      double[] cleaned = cleaned(config.output(), stretch[0], stretch[1]);
      assertThat(cleaned).hasSize((stretch[1] - stretch[0]) * RATE);
      // Until the latency's end after the first whole kernel there is no prediction yet.
      for (int i = 2 * RATE; i < cleaned.length - RATE; i++) {
        double offline = strain[stretch[0] * RATE + i] / UNIT - expected[i];
        assertThat(cleaned[i] / UNIT).isCloseTo(offline, within(0.004));
      }
    }
    assertThat(Files.readString(config.output().resolve("report.html")))
        .contains("Noise subtracted from H1:STRAIN", "Coherence with the witnesses", "<svg");
    assertThat(Files.readString(config.output().resolve("run.json")))
        .contains("\"model\":\"echo/3\"", "\"cleaned_seconds\":59.0", "\"delay_seconds\":1.0");
  }

  private double[] cleaned(Path output, int from, int to) throws IOException {
    List<double[]> pieces = new ArrayList<>();
    for (String name : frames(output).keySet()) {
      try (StrainFile file = StrainFile.open(output.resolve("frames").resolve(name))) {
        var series = file.readSeries(CLEAN);
        if (series.startNs() >= GpsTime.ofSeconds(START + from)
            && series.endNs() <= GpsTime.ofSeconds(START + to)) {
          pieces.add(series.samples());
        }
      }
    }
    return pieces.stream().flatMapToDouble(Arrays::stream).toArray();
  }

  @Test
  void goesOnWhereItWasStoppedAndWritesTheSameBytes() throws Exception {
    Path data = raw();
    Denoise.run(config(data, "whole", SETTINGS), new EchoNetwork(Integer.MAX_VALUE), SILENT);
    DenoiseConfig config = config(data, "stopped", SETTINGS);
    for (int requests : new int[] {9, 22, 14, 0}) {
      assertThatThrownBy(() -> Denoise.run(config, new EchoNetwork(requests), SILENT))
          .isInstanceOf(ServingException.class);
    }
    EchoNetwork last = new EchoNetwork(Integer.MAX_VALUE);
    Denoise.run(config, last, SILENT);

    assertThat(last.rows()).isLessThan(4 * 40);
    Map<String, byte[]> whole = frames(folder.resolve("whole"));
    Map<String, byte[]> resumed = frames(config.output());
    assertThat(resumed.keySet()).isEqualTo(whole.keySet());
    resumed.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(whole.get(name)));
    assertThat(folder.resolve("stopped/report.html"))
        .hasSameTextualContentAs(folder.resolve("whole/report.html"));
  }

  @Test
  void liveStrainIsCleanedAsTheArchiveIs() throws Exception {
    Path data = raw();
    Denoise.run(config(data, "archive", SETTINGS), new EchoNetwork(Integer.MAX_VALUE), SILENT);
    DenoiseConfig config = config(data, "live", SETTINGS);
    LiveSettings live =
        LiveSettings.defaults()
            .withPatience(java.time.Duration.ZERO)
            .until(GpsTime.ofSeconds(START + 60));
    assertThatThrownBy(
            () -> LiveDenoise.run(config, live, new EchoNetwork(20), SILENT, LiveListener.none()))
        .isInstanceOf(ServingException.class);

    DenoiseResult result =
        LiveDenoise.run(
            config, live, new EchoNetwork(Integer.MAX_VALUE), SILENT, LiveListener.none());

    Map<String, byte[]> archive = frames(folder.resolve("archive"));
    Map<String, byte[]> followed = frames(config.output());
    assertThat(followed.keySet()).isEqualTo(archive.keySet());
    followed.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(archive.get(name)));
    assertThat(result.latencies()).isNotEmpty();
    assertThat(Files.readAllLines(config.output().resolve("latency.csv")))
        .startsWith("gps_start,latency_seconds")
        .hasSize(1 + archive.size());
  }

  @Test
  void refusesAnotherRunsFolderAndAModelThatDoesNotFit() throws Exception {
    Path data = raw();
    DenoiseConfig config = config(data, "out", SETTINGS);
    Denoise.run(config, new EchoNetwork(Integer.MAX_VALUE), SILENT);
    DenoiseSettings other = new DenoiseSettings(0.5, 0.5, 50, 70, 6, 1, UNIT, 4, 3);

    assertThatThrownBy(() -> Denoise.run(config(data, "out", other), new EchoNetwork(1), SILENT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stride_seconds: 0.25")
        .hasMessageContaining("stride_seconds: 0.5");
    DenoiseConfig three =
        new DenoiseConfig(
            List.of(data),
            Optional.of(RAW),
            List.of(data),
            List.of("H1:MAINS", "H1:OTHER", "H1:MORE"),
            ModelId.of("echo"),
            DenoiseConfig.USUAL_RULE,
            folder.resolve("three"),
            SETTINGS);
    assertThatThrownBy(() -> Denoise.run(three, new EchoNetwork(1), SILENT))
        .hasMessageContaining("expected: FP32 [batch, 3 witness channels, kernel]");
  }
}
