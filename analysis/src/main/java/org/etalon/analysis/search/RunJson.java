package org.etalon.analysis.search;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** How the run was made: settings, inputs with their checksums, model, counts and times. */
final class RunJson {
  private final JsonGenerator json;
  private final Findings findings;

  private RunJson(JsonGenerator json, Findings findings) {
    this.json = json;
    this.findings = findings;
  }

  static void write(Path path, Findings findings, RunIdentity identity, StageClock clock)
      throws IOException {
    try (Writer out = Files.newBufferedWriter(path);
        JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out)) {
      var run = new RunJson(json, findings);
      json.writeStartObject();
      json.writeStringProperty("analysis", "search");
      json.writeStringProperty("run_sha256", identity.sha256());
      run.model();
      run.settings();
      run.inputs();
      run.searched();
      run.counts();
      run.timings(clock);
      json.writeEndObject();
    } catch (JacksonException e) {
      throw new IOException("%s: cannot be written: %s".formatted(path, e.getMessage()), e);
    }
  }

  private void model() {
    json.writeObjectPropertyStart("model");
    json.writeStringProperty("name", findings.model().id().name());
    findings.model().id().version().ifPresent(v -> json.writeNumberProperty("version", v));
    json.writeStringProperty("platform", findings.model().platform());
    json.writeEndObject();
  }

  private void settings() {
    SearchSettings settings = findings.config().settings();
    json.writeObjectPropertyStart("settings");
    for (Map.Entry<String, Number> entry :
        RunIdentity.settings(settings, findings.slides()).entrySet()) {
      switch (entry.getValue()) {
        case Integer whole -> json.writeNumberProperty(entry.getKey(), whole);
        case Number other -> json.writeNumberProperty(entry.getKey(), other.doubleValue());
      }
    }
    json.writeNumberProperty("max_in_flight", settings.maxInFlight());
    json.writeEndObject();
  }

  private void inputs() {
    json.writeArrayPropertyStart("inputs");
    for (StrainSource source : findings.sources()) {
      for (InputFile file : source.files()) {
        json.writeStartObject();
        json.writeStringProperty("ifo", file.ifo());
        json.writeStringProperty("file", file.path().toString());
        json.writeStringProperty("sha256", file.sha256());
        json.writeStringProperty("channel", file.channel());
        json.writeNumberProperty("sample_rate_hz", file.sampleRateHz());
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  private void searched() {
    json.writeArrayPropertyStart("searched");
    for (Ring ring : findings.rings()) {
      Segment span = ring.whitened();
      json.writeStartArray();
      json.writeNumber(GpsTime.format(span.startNs()));
      json.writeNumber(GpsTime.format(span.endNs()));
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void counts() {
    json.writeNumberProperty("windows", findings.windows());
    json.writeNumberProperty("livetime_seconds", findings.livetimeNs() / 1e9);
    json.writeNumberProperty(
        "background_livetime_seconds", findings.background().livetimeNs() / 1e9);
    json.writeNumberProperty("events", findings.events().size());
    json.writeNumberProperty("background_events", findings.background().size());
    json.writeNumberProperty("loudest_background", findings.background().loudest());
  }

  /** Of this run alone: what an earlier one did before it was stopped is not in them. */
  private void timings(StageClock clock) {
    json.writeObjectPropertyStart("cpu_seconds");
    for (StageClock.Part part : StageClock.Part.values()) {
      json.writeNumberProperty(part.name().toLowerCase(Locale.ROOT), clock.cpuSeconds(part));
    }
    json.writeEndObject();
    json.writeNumberProperty("wait_for_model_seconds", clock.waitedSeconds());
  }
}
