package org.etalon.analysis.search;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.etalon.strain.Segment;

/**
 * What makes two runs the same: settings that change the result, the content of the files, and the
 * model's version. Where files lie, and how many requests are in flight, does not count; the batch
 * size does, since frameworks round differently for different ones.
 *
 * @param lines one {@code key: value} each
 */
record RunIdentity(List<String> lines) {
  RunIdentity {
    lines = List.copyOf(lines);
  }

  static RunIdentity of(
      SearchConfig config, ScoringModel model, List<StrainSource> sources, int slides) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model.id());
    all.putAll(settings(config.settings(), slides));
    config.analysed().ifPresent(times -> all.put("analysed", times.segments()));
    for (StrainSource source : sources) {
      for (InputFile file : source.files()) {
        String key =
            "strain "
                + source.ifo()
                + " "
                + file.present().stream().findFirst().map(Segment::toString).orElse("none");
        all.merge(key, file.channel() + " sha256 " + file.sha256(), (a, b) -> a + ", " + b);
      }
    }
    return new RunIdentity(
        all.entrySet().stream().map(entry -> entry.getKey() + ": " + entry.getValue()).toList());
  }

  /** The settings that change the result, by name, in their order. */
  static Map<String, Number> settings(SearchSettings settings, int slides) {
    Map<String, Number> all = new LinkedHashMap<>();
    all.put("sample_rate_hz", settings.sampleRateHz());
    all.put("kernel_seconds", settings.kernelSeconds());
    all.put("inference_sampling_rate_hz", settings.inferenceSamplingRateHz());
    all.put("fft_seconds", settings.fftSeconds());
    all.put("overlap_seconds", settings.overlapSeconds());
    all.put("filter_seconds", settings.filterSeconds());
    all.put("highpass_hz", settings.highpassHz());
    all.put("block_seconds", settings.blockSeconds());
    all.put("ring_seconds", settings.ringSeconds());
    all.put("slides", slides);
    all.put("shift_seconds", settings.shiftSeconds());
    all.put("integration_seconds", settings.integrationSeconds());
    all.put("cluster_seconds", settings.clusterSeconds());
    all.put("batch_size", settings.batchSize());
    all.put("max_pictures", settings.maxPictures());
    return all;
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }

  String sha256() {
    byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(InputFile.digest().digest(bytes));
  }
}
