package org.etalon.benchmarks.parts;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.etalon.strain.signal.Fft;
import org.etalon.strain.signal.InverseSpectrumWhitening;
import org.etalon.strain.signal.Welch;
import org.etalon.strain.signal.WhiteningSettings;
import org.etalon.strain.stream.Snapshotter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The way of strain, at 2048 Hz but for the file: 64 s at 4096 Hz in HDF5, which system property
 * {@code etalon.strain} names.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class StrainParts {
  private static final double RATE_HZ = 2048;
  private static final int SECONDS = 32;
  private static final int STRIDE = 128;
  private static final int KERNEL = 2048;
  private static final int CHANNELS = 2;

  /** Tells of every data set that it reads; kept here, since levels are weakly held. */
  private static final Logger QUIET = Logger.getLogger("io.jhdf");

  private final double[] series = new double[(int) (SECONDS * RATE_HZ)];
  private final double[] spectrum = new double[series.length + 2];
  private final Fft fft = Fft.ofSize(series.length);
  private final Welch welch = Welch.of(RATE_HZ, 4, Welch.Average.MEDIAN);
  private final Snapshotter snapshotter = new Snapshotter(CHANNELS, KERNEL, STRIDE);
  private final Path file = Path.of(System.getProperty("etalon.strain", "missing"));
  private Arena arena = Arena.ofShared();
  private MemorySegment update = MemorySegment.NULL;
  private MemorySegment kernels = MemorySegment.NULL;
  private double[] checked = new double[0];
  private InverseSpectrumWhitening whitening =
      InverseSpectrumWhitening.of(
          welch.estimate(noise()), series.length, new WhiteningSettings(RATE_HZ, 2, 20));

  private double[] noise() {
    Random random = new Random(20150914);
    for (int i = 0; i < series.length; i++) {
      series[i] = random.nextGaussian();
    }
    return series;
  }

  /** Makes the streams' memory, and checks once that the file is there and series come back. */
  @Setup(Level.Trial)
  public void make() throws IOException {
    QUIET.setLevel(java.util.logging.Level.SEVERE);
    arena = Arena.ofShared();
    update = arena.allocate((long) CHANNELS * STRIDE * Float.BYTES, 64);
    kernels = arena.allocate((long) CHANNELS * KERNEL * Float.BYTES, 64);
    checked = whitening.whiten(series);
    if (checked.length == 0 || !Files.exists(file)) {
      throw new IllegalStateException("no strain file: " + file + " (see benchmarks/parts)");
    }
  }

  /** Spectrum of 32 s. */
  @Benchmark
  public double[] spectrum() {
    fft.forward(series, spectrum);
    return spectrum;
  }

  /** Power spectral density of 32 s, median of segments of 4 s. */
  @Benchmark
  public Object density() {
    return welch.estimate(series);
  }

  /** Whitening of 32 s with a density that is known. */
  @Benchmark
  public double[] whiten() {
    return whitening.whiten(series);
  }

  /** A step of a stream: two channels, 128 samples in, a kernel of 2048 out. */
  @Benchmark
  public MemorySegment snapshot() {
    snapshotter.push(update, kernels);
    return kernels;
  }

  /** Opening a file and reading its strain. */
  @Benchmark
  public List<TimeSeries> read() throws IOException {
    try (StrainFile strain = StrainFile.open(file)) {
      return strain.readSpans(strain.strainChannel());
    }
  }

  /** Gives the stream's memory back. */
  @TearDown(Level.Trial)
  public void close() {
    arena.close();
  }
}
