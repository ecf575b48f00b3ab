package org.etalon.analysis.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Witness channels, and noise in the strain that they predict though no linear filter of them does:
 * the line of the mains at 60 Hz, whose coupling is modulated by slow motions of the mirrors.
 *
 * <pre>
 * coupled(t) = gain Re{ L(t) [1 + sum_k a_k s_k(t) + sum_(j &lt; k) b_jk s_j(t) s_k(t)] }
 * </pre>
 *
 * <p>The first three witnesses see the line L at three phases, the next five the motions s_k, one a
 * mixture of two of them; the last three see little that is of use. The couplings are the same for
 * every seed, as a detector's physics is. After Ormiston et al. 2020, <a
 * href="https://arxiv.org/abs/2005.06534">arXiv:2005.06534</a>, on noise that is not linear.
 *
 * <p>Owned by one thread.
 */
final class Witnesses {
  private static final double LINE_HZ = 60;
  private static final double GAIN = 1.2e-22;
  private static final int SLOW = 5;
  private static final double[][] A = {{0.55, 0}, {0, -0.40}, {0.30, 0.25}, {-0.35, 0}, {0, 0.25}};

  /** Of the products of motions 0 and 1, and of 2 and 3. */
  private static final double REAL_01 = 0.20;

  private static final double IMAGINARY_23 = 0.15;
  private static final List<String> NAMES =
      List.of(
          "PEM-CS_MAINSMON_EBAY_1_DQ",
          "PEM-CS_MAINSMON_EBAY_2_DQ",
          "PEM-CS_MAINSMON_EBAY_3_DQ",
          "ASC-INP1_P_INMON",
          "ASC-INP1_Y_INMON",
          "ASC-MICH_P_INMON",
          "ASC-PRC2_P_INMON",
          "ASC-SRC1_Y_INMON",
          "ASC-DHARD_P_OUT_DQ",
          "ISI-GND_STS_ITMY_X_BLRMS_1_3",
          "PEM-CS_ACC_BEAMTUBE_MCTUBE_Y_DQ",
          "LSC-SRCL_IN1_DQ");

  private final String ifo;
  private final long seed;
  private final int sampleRateHz;
  private final SlowMotion amplitude;
  private final SlowMotion phase;
  private final double startPhase;
  private final List<SlowMotion> motions = new ArrayList<>();
  private final SlowMotion ground;
  private final ColouredNoise tube;
  private final ColouredNoise cavity;

  /**
   * Part of a span.
   *
   * @param channels one array each, in the order of {@link #channels}
   * @param coupled what they cause in the strain
   */
  @SuppressWarnings("ArrayRecordComponent") // made here, written, dropped
  record Part(List<float[]> channels, double[] coupled) {}

  Witnesses(long seed, String ifo, int sampleRateHz) {
    this.ifo = ifo;
    this.seed = seed;
    this.sampleRateHz = sampleRateHz;
    amplitude = motion("amplitude", 0.01, 0.1);
    phase = motion("phase", 0.01, 0.05);
    startPhase = Draws.of(seed, name("start"), 0).uniform(0, 2 * Math.PI);
    for (int k = 0; k < SLOW; k++) {
      motions.add(motion("motion" + k, 0.15 + 0.07 * k, 0.5 + 0.25 * k));
    }
    ground = motion("ground", 0.3, 2);
    tube = unit("tube", 20, 300);
    cavity = unit("cavity", 10, 80);
  }

  List<String> channels() {
    return NAMES.stream().map(name -> ifo + ":" + name).toList();
  }

  /** The samples from {@code first} on, counted from GPS zero. */
  Part samples(long first, int count) {
    double[][] slow = new double[SLOW][];
    for (int k = 0; k < SLOW; k++) {
      slow[k] = motions.get(k).samples(first, count);
    }
    double[][] line = line(first, count);
    List<float[]> channels = new ArrayList<>();
    for (int k = 0; k < 3; k++) {
      channels.add(mains(line, k, white(first, count, "mains" + k, 0.02)));
    }
    for (int k = 0; k < SLOW; k++) {
      channels.add(sum(slow[k], 1, white(first, count, "sensor" + k, 0.3)));
    }
    double[] mixed = white(first, count, "mixed", 0.3);
    for (int i = 0; i < count; i++) {
      mixed[i] += 0.7 * slow[0][i];
    }
    channels.add(sum(slow[2], -0.7, mixed));
    channels.add(sum(ground.samples(first, count), 1, white(first, count, "seismometer", 0.05)));
    channels.add(pickUp(line, first, count));
    double[] noise = new double[count];
    cavity.addTo(noise, first);
    channels.add(sum(noise, 1, new double[count]));
    return new Part(channels, coupled(line, slow));
  }

  /** Real and imaginary part of the line. */
  private double[][] line(long first, int count) {
    double[] strength = amplitude.samples(first, count);
    double[] wander = phase.samples(first, count);
    double[][] line = new double[2][count];
    for (int i = 0; i < count; i++) {
      // A whole number of cycles a second: the second does not matter.
      double cycles = LINE_HZ * Math.floorMod(first + i, (long) sampleRateHz) / sampleRateHz;
      double angle = 2 * Math.PI * (cycles % 1) + 0.3 * wander[i] + startPhase;
      line[0][i] = (1 + 0.03 * strength[i]) * Math.cos(angle);
      line[1][i] = (1 + 0.03 * strength[i]) * Math.sin(angle);
    }
    return line;
  }

  private static double[] coupled(double[][] line, double[][] slow) {
    double[] coupled = new double[line[0].length];
    for (int i = 0; i < coupled.length; i++) {
      double real = 1 + REAL_01 * slow[0][i] * slow[1][i];
      double imaginary = IMAGINARY_23 * slow[2][i] * slow[3][i];
      for (int k = 0; k < SLOW; k++) {
        real += A[k][0] * slow[k][i];
        imaginary += A[k][1] * slow[k][i];
      }
      coupled[i] = GAIN * (line[0][i] * real - line[1][i] * imaginary);
    }
    return coupled;
  }

  private static float[] mains(double[][] line, int phase, double[] noise) {
    double angle = 2 * Math.PI * phase / 3;
    float[] seen = new float[noise.length];
    for (int i = 0; i < seen.length; i++) {
      double turned = line[0][i] * Math.cos(angle) + line[1][i] * Math.sin(angle);
      seen[i] = (float) (turned * (1 + 0.1 * phase) + noise[i]);
    }
    return seen;
  }

  private float[] pickUp(double[][] line, long first, int count) {
    double[] noise = new double[count];
    tube.addTo(noise, first);
    for (int i = 0; i < count; i++) {
      noise[i] += 0.2 * (line[0][i] * Math.cos(0.4) - line[1][i] * Math.sin(0.4));
    }
    return sum(noise, 1, new double[count]);
  }

  private static float[] sum(double[] signal, double factor, double[] noise) {
    float[] sum = new float[signal.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = (float) (factor * signal[i] + noise[i]);
    }
    return sum;
  }

  /** White noise, drawn second by second. */
  private double[] white(long first, int count, String part, double deviation) {
    double[] noise = new double[count];
    long second = Math.floorDiv(first, sampleRateHz);
    for (long start = second * sampleRateHz; start < first + count; start += sampleRateHz) {
      Draws draws = Draws.of(seed, name(part), second++);
      for (long i = start; i < start + sampleRateHz; i++) {
        double value = deviation * draws.normal();
        if (i >= first && i < first + count) {
          noise[(int) (i - first)] = value;
        }
      }
    }
    return noise;
  }

  private SlowMotion motion(String part, double lowHz, double highHz) {
    return new SlowMotion(seed, name(part), sampleRateHz, lowHz, highHz);
  }

  /** Broad noise of unit variance. */
  private ColouredNoise unit(String part, double lowHz, double highHz) {
    double power = 0;
    for (int k = 1; k <= sampleRateHz / 2 * 8; k++) {
      power += SlowMotion.band(k / 8.0, lowHz, highHz) / 8;
    }
    double scale = 1 / power;
    return new ColouredNoise(
        seed, name(part), sampleRateHz, 8, f -> scale * SlowMotion.band(f, lowHz, highHz));
  }

  private String name(String part) {
    return ifo + " witness " + part;
  }
}
