package org.etalon.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.etalon.engine.promotion.Check;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A line of {@code promotions.jsonl}, which says in a repository how its versions came and went.
 *
 * @param outcome {@code promoted}, {@code refused}, {@code taken back} or {@code rolled back}
 * @param reason why it was not promoted; else empty
 * @param checks what the version had to pass
 */
record PromotionRecord(
    String model, long version, String outcome, String reason, List<Check> checks) {
  private static final String FILE = "promotions.jsonl";

  /** Adds it to the repository's. */
  void append(Path repository) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      write(json);
    }
    Files.writeString(
        repository.resolve(FILE),
        text + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    json.writeStringProperty("by", System.getProperty("user.name", ""));
    json.writeStringProperty("model", model);
    json.writeNumberProperty("version", version);
    json.writeStringProperty("outcome", outcome);
    json.writeStringProperty("reason", reason);
    json.writeArrayPropertyStart("checks");
    for (Check check : checks) {
      json.writeStartObject();
      json.writeStringProperty("name", check.name());
      json.writeBooleanProperty("passed", check.isPassed());
      json.writeStringProperty("text", check.text());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
