package org.etalon.analysis.simulation;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.etalon.strain.frames.FramePacking;
import org.etalon.strain.frames.FrameWriter;
import org.etalon.strain.hdf5.Hdf5Writer;
import org.etalon.strain.source.FileEntry;

/**
 * Writes simulated strain, file by file in order of time, and the truth beside it. The same
 * configuration gives the same bytes. Owned by one thread.
 */
public final class Simulation {
  /** Below it, strain has no noise: nothing that is done with strain looks there. */
  private static final double NOISE_STARTS_HZ = 5;

  private static final int BLOCK_SECONDS = 8;

  private final SimulationConfig config;

  private Simulation(SimulationConfig config) {
    this.config = config;
  }

  /** Told after each file. */
  @FunctionalInterface
  public interface Progress {
    void update(long done, long total);
  }

  /**
   * Simulates.
   *
   * @return the injections
   * @throws IOException if a file cannot be written or the folder has something in it
   * @throws IllegalArgumentException if the injections do not fit into the span
   */
  public static List<Injection> run(SimulationConfig config, Progress progress) throws IOException {
    return new Simulation(config).run(progress);
  }

  private List<Injection> run(Progress progress) throws IOException {
    requireEmpty();
    var events = new Events(config);
    List<Injection> injections = events.injections();
    Files.createDirectories(config.output());
    List<Segment> files = files();
    long done = 0;
    for (int d = 0; d < config.detectors().size(); d++) {
      String ifo = config.detectors().get(d);
      var detector = new SimulatedDetector(ifo, d, events, injections);
      for (Segment span : files) {
        detector.write(span);
        progress.update(++done, (long) files.size() * config.detectors().size());
      }
    }
    InjectionFiles.write(config.output(), config.detectors(), injections);
    return injections;
  }

  private void requireEmpty() throws IOException {
    if (Files.isDirectory(config.output())) {
      try (Stream<Path> present = Files.list(config.output())) {
        Optional<Path> any = present.findFirst();
        if (any.isPresent()) {
          throw new IOException(
              "%s: has %s (expected: an empty or new folder)"
                  .formatted(config.output(), any.get().getFileName()));
        }
      }
    }
  }

  private List<Segment> files() {
    List<Segment> files = new ArrayList<>();
    long lengthNs = config.fileSeconds() * GpsTime.NS_PER_SECOND;
    long endNs = config.span().endNs();
    for (long at = config.span().startNs(); at < endNs; at += lengthNs) {
      files.add(new Segment(at, Math.min(at + lengthNs, endNs)));
    }
    return files;
  }

  /** One detector's noise, signals, glitches and witnesses. */
  private final class SimulatedDetector {
    private final String ifo;
    private final Optional<ColouredNoise> noise;
    private final Optional<Witnesses> witnesses;
    private final List<Signal> signals = new ArrayList<>();

    SimulatedDetector(String ifo, int index, Events events, List<Injection> injections) {
      this.ifo = ifo;
      noise = config.noise().map(curves -> noise(ifo, curves.get(index)));
      boolean isWitnessed = config.witnessed().filter(ifo::equals).isPresent();
      witnesses =
          isWitnessed
              ? Optional.of(new Witnesses(config.seed(), ifo, config.sampleRateHz()))
              : Optional.empty();
      signals.addAll(events.signals(ifo, injections));
      NoiseCurve scale =
          config.noise().map(each -> each.get(index)).orElse(NoiseCurve.advancedLigo());
      signals.addAll(events.glitches(ifo, scale));
    }

    void write(Segment span) throws IOException {
      int count = (int) GpsTime.samples(span.durationNs(), config.sampleRateHz());
      long first = GpsTime.samples(span.startNs(), config.sampleRateHz());
      double[] strain = new double[count];
      noise.ifPresent(each -> each.addTo(strain, first));
      signals.forEach(signal -> signal.addTo(strain, first));
      if (witnesses.isPresent()) {
        Witnesses.Part part = witnesses.get().samples(first, count);
        for (int i = 0; i < count; i++) {
          strain[i] += part.coupled()[i];
        }
        writeWitnesses(span, witnesses.get().channels(), part.channels());
      }
      Simulation.this.write(ifo, "HOFT", span, List.of(data(strainName(), span, strain)));
    }

    private String strainName() {
      return ifo + ":GDS-CALIB_STRAIN";
    }

    private void writeWitnesses(Segment span, List<String> names, List<float[]> samples)
        throws IOException {
      List<ChannelData> channels = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        channels.add(data(names.get(i), span, samples.get(i)));
      }
      Simulation.this.write(ifo, "WITNESS", span, channels);
    }
  }

  private ColouredNoise noise(String ifo, NoiseCurve curve) {
    return new ColouredNoise(
        config.seed(),
        ifo + " noise",
        config.sampleRateHz(),
        BLOCK_SECONDS,
        f -> f < NOISE_STARTS_HZ ? 0 : curve.at(f));
  }

  private void write(String ifo, String what, Segment span, List<ChannelData> channels)
      throws IOException {
    String name =
        FileEntry.name(ifo.substring(0, 1), ifo + "_" + what, span, config.format().ending());
    Path path = config.output().resolve(name);
    switch (config.format()) {
      case GWF -> {
        try (FrameWriter writer = FrameWriter.create(path, FramePacking.GZIP)) {
          writer.write(span, channels);
          writer.finish();
        }
      }
      case HDF5 -> {
        try (Hdf5Writer writer = Hdf5Writer.create(path)) {
          for (ChannelData channel : channels) {
            writer.write(channel);
          }
          writer.finish(Optional.of(ifo));
        }
      }
    }
  }

  private ChannelData data(String name, Segment span, double[] samples) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[samples.length * Double.BYTES]);
    var layout = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    MemorySegment.copy(samples, 0, bytes, layout, 0, samples.length);
    return new ChannelData(info(name, SampleType.FLOAT64, "strain", span), bytes);
  }

  private ChannelData data(String name, Segment span, float[] samples) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[samples.length * Float.BYTES]);
    var layout = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    MemorySegment.copy(samples, 0, bytes, layout, 0, samples.length);
    return new ChannelData(info(name, SampleType.FLOAT32, "", span), bytes);
  }

  private ChannelInfo info(String name, SampleType type, String unit, Segment span) {
    return new ChannelInfo(
        name, ChannelInfo.Kind.PROC, type, config.sampleRateHz(), unit, List.of(span));
  }
}
