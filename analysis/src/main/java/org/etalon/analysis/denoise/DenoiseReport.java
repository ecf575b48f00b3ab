package org.etalon.analysis.denoise;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.etalon.analysis.report.Axis;
import org.etalon.analysis.report.HtmlPage;
import org.etalon.analysis.report.Plot;

/** The report: how much noise is gone, where, and how late the cleaned strain came. */
final class DenoiseReport {
  private static final String RAW = "#999999";
  private static final String CLEAN = "#0b6e4f";
  private static final int WIDTH = 960;
  private static final int HEIGHT = 340;
  private static final double WIDE_LOW_HZ = 10;
  private static final double WIDE_HIGH_HZ = 2000;

  /** From one frequency to the next, where several of the spectrum fall between the two. */
  private static final double WIDE_STEP = 1.01;

  private final DenoiseConfig config;
  private final DenoiseResult result;
  private final Spectra spectra;

  DenoiseReport(DenoiseConfig config, DenoiseResult result, Spectra spectra) {
    this.config = config;
    this.result = result;
    this.spectra = spectra;
  }

  String html() {
    HtmlPage page = new HtmlPage("Noise subtracted from " + result.rawChannel());
    page.paragraph(summary());
    effect(page);
    page.heading("Amplitude spectral density");
    page.picture(
        wideAsd(),
        "Powers averaged over steps of %.0f %% in frequency.".formatted(100 * (WIDE_STEP - 1)));
    page.picture(
        asd(),
        "The median of %d segments of %.0f s that overlap by half; the stretches' first and last seconds are left out."
            .formatted(spectra.segments(), 1 / spectra.frequencyStepHz()));
    page.heading("Ratio of cleaned to raw");
    page.picture(ratio(), "Ratio of amplitude spectral densities; 1 is no change.");
    page.heading("Coherence with the witnesses");
    page.picture(
        coherence(),
        "The largest magnitude-squared coherence with any witness, before and after; few segments make it large by chance. Noise that couples through a product of witnesses shows little of itself here.");
    if (!result.latencies().isEmpty()) {
      page.heading("Latency");
      page.picture(
          latency(),
          "From when the last sample of a frame was there to when its cleaned frame was written.");
    }
    run(page);
    return page.html();
  }

  private String summary() {
    return "%.0f s of strain cleaned with model %s and %d witness channels, as %s. From %.0f to %.0f Hz %.1f %% of the noise is left, root mean square."
        .formatted(
            result.cleanedSeconds(),
            result.model(),
            config.witnessChannels().size(),
            result.cleanedChannel(),
            result.effect().bandLowHz(),
            result.effect().bandHighHz(),
            100 * result.effect().bandRmsRatio());
  }

  private void effect(HtmlPage page) {
    Effect effect = result.effect();
    page.table(
        List.of("Cleaned / raw", "Ratio"),
        List.of(
            List.of("root mean square in the band", figures(effect.bandRmsRatio())),
            List.of("ASD, mean over the band", figures(effect.meanAsdRatio())),
            List.of("ASD in the band's middle", figures(effect.centreAsdRatio())),
            List.of("ASD far from the band, least", figures(effect.outsideMin())),
            List.of("ASD far from the band, largest", figures(effect.outsideMax()))));
  }

  private Plot wideAsd() {
    double[] frequencies = frequencies(WIDE_LOW_HZ, WIDE_HIGH_HZ);
    double[][] raw = stepped(frequencies, part(spectra.rawAsd(), WIDE_LOW_HZ, WIDE_HIGH_HZ));
    double[][] clean = stepped(frequencies, part(spectra.cleanAsd(), WIDE_LOW_HZ, WIDE_HIGH_HZ));
    Axis x = Axis.logarithmic("Frequency (Hz)", WIDE_LOW_HZ, WIDE_HIGH_HZ);
    return asd(x, raw[0], raw[1], clean[1]);
  }

  /** Frequencies and the densities whose squares are averaged between one and the next. */
  private static double[][] stepped(double[] frequencies, double[] densities) {
    double[][] stepped = new double[2][frequencies.length];
    int steps = 0;
    for (int from = 0, to; from < frequencies.length; from = to) {
      double power = 0;
      double sum = 0;
      for (to = from; to < frequencies.length; to++) {
        if (to > from && frequencies[to] > WIDE_STEP * frequencies[from]) {
          break;
        }
        power += densities[to] * densities[to];
        sum += frequencies[to];
      }
      stepped[0][steps] = sum / (to - from);
      stepped[1][steps++] = Math.sqrt(power / (to - from));
    }
    return new double[][] {Arrays.copyOf(stepped[0], steps), Arrays.copyOf(stepped[1], steps)};
  }

  private Plot asd() {
    return asd(
        Axis.linear("Frequency (Hz)", lowHz(), highHz()),
        frequencies(lowHz(), highHz()),
        part(spectra.rawAsd(), lowHz(), highHz()),
        part(spectra.cleanAsd(), lowHz(), highHz()));
  }

  private static Plot asd(Axis x, double[] frequencies, double[] raw, double[] clean) {
    double least = Math.min(least(raw), least(clean));
    double most = Math.max(Arrays.stream(raw).max().orElse(1), 2 * least);
    Axis y = Axis.logarithmic("Strain (1/\u221aHz)", least / 1.2, 1.2 * most);
    return new Plot(WIDTH, HEIGHT, x, y)
        .line("raw", RAW, frequencies, raw)
        .line("cleaned", CLEAN, frequencies, clean);
  }

  /** The pictures of the band show as much again around it. */
  private double lowHz() {
    DenoiseSettings settings = config.settings();
    return settings.bandLowHz() - (settings.bandHighHz() - settings.bandLowHz()) / 2;
  }

  private double highHz() {
    DenoiseSettings settings = config.settings();
    return settings.bandHighHz() + (settings.bandHighHz() - settings.bandLowHz()) / 2;
  }

  private static double least(double[] values) {
    return Arrays.stream(values).filter(v -> v > 0).min().orElse(1e-30);
  }

  private Plot ratio() {
    double[] raw = part(spectra.rawAsd(), lowHz(), highHz());
    double[] clean = part(spectra.cleanAsd(), lowHz(), highHz());
    double[] ratios = new double[raw.length];
    double most = 1.15;
    for (int k = 0; k < raw.length; k++) {
      ratios[k] = clean[k] / raw[k];
      most = Math.max(most, ratios[k]);
    }
    return new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear("Frequency (Hz)", lowHz(), highHz()),
            Axis.linear("Cleaned / raw", 0, 1.05 * most))
        .line("ratio", CLEAN, frequencies(lowHz(), highHz()), ratios)
        .level("no change", RAW, 1);
  }

  private Plot coherence() {
    double[] frequencies = frequencies(lowHz(), highHz());
    Plot plot =
        new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear("Frequency (Hz)", lowHz(), highHz()),
            Axis.linear("Coherence", 0, 1));
    plot.line("raw", RAW, frequencies, part(largest(false), lowHz(), highHz()));
    plot.line("cleaned", CLEAN, frequencies, part(largest(true), lowHz(), highHz()));
    return plot.level("19 in 20 are below it by chance", RAW, chance());
  }

  /**
   * Of witnesses that know nothing of the strain: of n segments one's coherence is above c in
   * {@code (1 - c)^(n - 1)} of all cases (Carter 1987).
   */
  private double chance() {
    double above = 1 - Math.pow(0.95, 1.0 / config.witnessChannels().size());
    return spectra.segments() < 2 ? 1 : 1 - Math.pow(above, 1.0 / (spectra.segments() - 1));
  }

  private double[] largest(boolean ofCleaned) {
    double[] largest = spectra.coherence(0, ofCleaned);
    for (int w = 1; w < config.witnessChannels().size(); w++) {
      double[] one = spectra.coherence(w, ofCleaned);
      for (int k = 0; k < largest.length; k++) {
        largest[k] = Math.max(largest[k], one[k]);
      }
    }
    return largest;
  }

  private Plot latency() {
    List<FrameLatency> all = result.latencies();
    double[] times = new double[all.size()];
    double[] seconds = new double[all.size()];
    for (int i = 0; i < times.length; i++) {
      times[i] = (all.get(i).gpsNs() - all.getFirst().gpsNs()) / 1e9;
      seconds[i] = all.get(i).seconds();
    }
    double most = Arrays.stream(seconds).max().orElse(1);
    double last = Math.max(1, times[times.length - 1]);
    return new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear("Time of the frame (s)", 0, last),
            Axis.linear("Latency (s)", 0, Math.max(0.1, 1.2 * most)))
        .line("latency", CLEAN, times, seconds);
  }

  private void run(HtmlPage page) {
    page.heading("Run");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("model", result.model()));
    config
        .settings()
        .changing()
        .forEach((key, value) ->
            rows.add(
                List.of(key, Double.isInfinite(value.doubleValue()) ? "all" : value.toString())));
    page.table(List.of("Setting", "Value"), rows);
    page.paragraph("Witnesses: " + String.join(", ", config.witnessChannels()) + ".");
  }

  private double[] frequencies(double fromHz, double toHz) {
    double step = spectra.frequencyStepHz();
    double[] all = new double[spectra.rawAsd().length];
    for (int k = 0; k < all.length; k++) {
      all[k] = k * step;
    }
    return part(all, fromHz, toHz);
  }

  private double[] part(double[] values, double fromHz, double toHz) {
    double step = spectra.frequencyStepHz();
    int from = (int) Math.ceil(fromHz / step);
    int to = Math.min(values.length, (int) Math.floor(toHz / step) + 1);
    return Arrays.copyOfRange(values, from, Math.max(from, to));
  }

  private static String figures(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
