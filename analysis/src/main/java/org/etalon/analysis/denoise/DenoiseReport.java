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
    page.picture(asd(10, 2000, true), "");
    double reach = config.settings().bandHighHz() - config.settings().bandLowHz();
    page.picture(
        asd(
            config.settings().bandLowHz() - reach / 2,
            config.settings().bandHighHz() + reach / 2,
            false),
        "The median of %d segments of %.0f s that overlap by half; the stretches' first and last seconds are left out."
            .formatted(spectra.segments(), 1 / spectra.frequencyStepHz()));
    page.heading("Ratio of cleaned to raw");
    page.picture(ratio(), "Ratio of amplitude spectral densities; 1 is no change.");
    page.heading("Coherence with the witnesses");
    page.picture(
        coherence(),
        "The largest magnitude-squared coherence with any witness, before and after. Noise that couples through a product of witnesses shows little of itself here.");
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

  private Plot asd(double fromHz, double toHz, boolean isWide) {
    double[] frequencies = frequencies(fromHz, toHz);
    double[] raw = part(spectra.rawAsd(), fromHz, toHz);
    double[] clean = part(spectra.cleanAsd(), fromHz, toHz);
    double least = Math.min(least(raw), least(clean));
    double most = Math.max(Arrays.stream(raw).max().orElse(1), 2 * least);
    Axis x =
        isWide
            ? Axis.logarithmic("Frequency (Hz)", fromHz, toHz)
            : Axis.linear("Frequency (Hz)", fromHz, toHz);
    return new Plot(WIDTH, HEIGHT, x, Axis.logarithmic("Strain (1/\u221aHz)", least, most))
        .line("raw", RAW, frequencies, raw)
        .line("cleaned", CLEAN, frequencies, clean);
  }

  private static double least(double[] values) {
    return Arrays.stream(values).filter(v -> v > 0).min().orElse(1e-30);
  }

  private Plot ratio() {
    double reach = config.settings().bandHighHz() - config.settings().bandLowHz();
    double from = config.settings().bandLowHz() - reach / 2;
    double to = config.settings().bandHighHz() + reach / 2;
    double[] raw = part(spectra.rawAsd(), from, to);
    double[] clean = part(spectra.cleanAsd(), from, to);
    double[] ratios = new double[raw.length];
    for (int k = 0; k < raw.length; k++) {
      ratios[k] = clean[k] / raw[k];
    }
    return new Plot(
            WIDTH,
            HEIGHT,
            Axis.linear("Frequency (Hz)", from, to),
            Axis.linear("Cleaned / raw", 0, 1.2))
        .line("ratio", CLEAN, frequencies(from, to), ratios)
        .level("no change", RAW, 1);
  }

  private Plot coherence() {
    double reach = config.settings().bandHighHz() - config.settings().bandLowHz();
    double from = config.settings().bandLowHz() - reach / 2;
    double to = config.settings().bandHighHz() + reach / 2;
    double[] frequencies = frequencies(from, to);
    Plot plot =
        new Plot(
            WIDTH, HEIGHT, Axis.linear("Frequency (Hz)", from, to), Axis.linear("Coherence", 0, 1));
    plot.line("raw", RAW, frequencies, part(largest(false), from, to));
    return plot.line("cleaned", CLEAN, frequencies, part(largest(true), from, to));
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
    config.settings().changing().forEach((key, value) -> rows.add(List.of(key, value.toString())));
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
