package org.etalon.server.http;

import java.util.List;
import org.etalon.engine.status.ModelStatistics;
import org.etalon.engine.status.ModelStatistics.CacheUse;
import org.etalon.engine.status.ModelStatistics.Total;
import org.etalon.protocol.json.JsonText;
import tools.jackson.core.JsonGenerator;

/** The statistics extension's document. */
final class StatisticsJson {
  private static final Total NONE = new Total(0, 0);

  private StatisticsJson() {}

  static byte[] of(List<ModelStatistics> models) {
    return JsonText.of(json -> {
      json.writeStartObject();
      json.writeArrayPropertyStart("model_stats");
      models.forEach(model -> write(json, model));
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, ModelStatistics model) {
    json.writeStartObject();
    json.writeStringProperty("name", model.model());
    json.writeStringProperty("version", Long.toString(model.version()));
    json.writeNumberProperty("last_inference", model.lastInferenceMillis().orElse(0));
    json.writeNumberProperty("inference_count", model.inferenceCount());
    json.writeNumberProperty("execution_count", model.executionCount());
    json.writeObjectPropertyStart("inference_stats");
    write(json, "success", model.success());
    write(json, "fail", model.fail());
    write(json, "queue", model.queue());
    write(json, "compute_input", model.computeInput());
    write(json, "compute_infer", model.computeInfer());
    write(json, "compute_output", model.computeOutput());
    write(json, "cache_hit", model.cache().map(CacheUse::hits).orElse(NONE));
    write(json, "cache_miss", model.cache().map(CacheUse::misses).orElse(NONE));
    json.writeEndObject();
    json.writeObjectPropertyStart("response_stats");
    for (int i = 0; i < model.responses().size(); i++) {
      write(json, Integer.toString(i), model.responses().get(i));
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("batch_stats");
    model.batches().forEach(batch -> write(json, batch));
    json.writeEndArray();
    json.writeArrayPropertyStart("memory_usage");
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String index, ModelStatistics.Response response) {
    json.writeObjectPropertyStart(index);
    write(json, "compute_infer", response.computeInfer());
    write(json, "compute_output", NONE);
    write(json, "success", response.success());
    write(json, "fail", response.fail());
    write(json, "empty_response", NONE);
    write(json, "cancel", response.cancel());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, ModelStatistics.BatchSize batch) {
    json.writeStartObject();
    json.writeNumberProperty("batch_size", batch.rows());
    write(json, "compute_input", batch.computeInput());
    write(json, "compute_infer", batch.computeInfer());
    write(json, "compute_output", batch.computeOutput());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, Total total) {
    json.writeObjectPropertyStart(name);
    json.writeNumberProperty("count", total.count());
    json.writeNumberProperty("ns", total.nanos());
    json.writeEndObject();
  }
}
