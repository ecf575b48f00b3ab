package org.etalon.analysis.denoise;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** How the run was made and what came of it: {@code run.json}. */
final class DenoiseJson {
  private DenoiseJson() {}

  static void write(Path path, DenoiseConfig config, DenoiseResult result, double wallSeconds)
      throws IOException {
    try (Writer out = Files.newBufferedWriter(path);
        JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeStringProperty("analysis", "denoise");
      json.writeStringProperty("model", result.model());
      json.writeStringProperty("raw_channel", result.rawChannel());
      json.writeStringProperty("cleaned_channel", result.cleanedChannel());
      json.writeNumberProperty("cleaned_seconds", result.cleanedSeconds());
      json.writeNumberProperty("delay_seconds", result.delaySeconds());
      json.writeObjectPropertyStart("settings");
      for (Map.Entry<String, Number> entry : config.settings().changing().entrySet()) {
        number(json, entry.getKey(), entry.getValue().doubleValue());
      }
      json.writeEndObject();
      json.writeArrayPropertyStart("witness_channels");
      config.witnessChannels().forEach(json::writeString);
      json.writeEndArray();
      json.writeObjectPropertyStart("effect");
      number(json, "band_rms_ratio", result.effect().bandRmsRatio());
      number(json, "mean_asd_ratio", result.effect().meanAsdRatio());
      number(json, "centre_asd_ratio", result.effect().centreAsdRatio());
      number(json, "outside_min_ratio", result.effect().outsideMin());
      number(json, "outside_max_ratio", result.effect().outsideMax());
      json.writeEndObject();
      latency(json, result.latencies());
      json.writeNumberProperty("wall_seconds", wallSeconds);
      json.writeEndObject();
    } catch (JacksonException e) {
      throw new IOException("%s: cannot be written: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static void latency(JsonGenerator json, List<FrameLatency> latencies) {
    if (latencies.isEmpty()) {
      return;
    }
    double[] sorted = latencies.stream().mapToDouble(FrameLatency::seconds).sorted().toArray();
    json.writeObjectPropertyStart("latency_seconds");
    json.writeNumberProperty("frames", sorted.length);
    json.writeNumberProperty("p50", sorted[sorted.length / 2]);
    json.writeNumberProperty("p99", sorted[(int) ((sorted.length - 1) * 0.99)]);
    json.writeNumberProperty("max", sorted[sorted.length - 1]);
    json.writeEndObject();
  }

  /** JSON has no infinity: what waits for all outputs has no number. */
  private static void number(JsonGenerator json, String key, double value) {
    if (Double.isFinite(value)) {
      json.writeNumberProperty(key, value);
    } else {
      json.writeNullProperty(key);
    }
  }
}
