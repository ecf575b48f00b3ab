package org.etalon.server.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.engine.Engine;
import org.etalon.inference.Parameter;
import org.etalon.protocol.json.JsonText;
import org.etalon.protocol.json.SettingsRequest;
import org.etalon.server.observation.LogSettings;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.TraceSettings;
import org.etalon.server.observation.Tracing;

/** Tells and changes what is seen of the server. Thread-safe. */
final class SettingsEndpoints {
  private final Engine engine;
  private final Observation observation;

  SettingsEndpoints(Engine engine, Observation observation) {
    this.engine = engine;
    this.observation = observation;
  }

  void log(Exchange exchange, PathVariables path) {
    LogSettings settings;
    if (isChange(exchange)) {
      Map<String, Parameter> changes = SettingsRequest.log(exchange.body());
      settings = observation.log().change(changes);
    } else {
      settings = observation.log().settings();
    }
    exchange.answer(Answer.json(JsonText.parameters(settings.values())));
  }

  void trace(Exchange exchange, PathVariables path) {
    Tracing tracing = observation.tracing();
    Optional<String> model = path.optionalModelName();
    if (model.isPresent()) {
      Observation.requireKnown(engine, model.get());
    }
    TraceSettings settings;
    if (isChange(exchange)) {
      Map<String, List<String>> changes = SettingsRequest.trace(exchange.body());
      settings = model.isPresent() ? tracing.change(model.get(), changes) : tracing.change(changes);
    } else {
      settings = model.isPresent() ? tracing.settings(model.get()) : tracing.settings();
    }
    exchange.answer(Answer.json(json(settings)));
  }

  private static byte[] json(TraceSettings settings) {
    return JsonText.of(json -> {
      json.writeStartObject();
      settings
          .values()
          .forEach((name, values) -> {
            if (name.equals(TraceSettings.LEVEL)) {
              json.writeArrayPropertyStart(name);
              values.forEach(json::writeString);
              json.writeEndArray();
            } else {
              json.writeStringProperty(name, values.getFirst());
            }
          });
      json.writeEndObject();
    });
  }

  private static boolean isChange(Exchange exchange) {
    return exchange.request().method().equals(HttpMethod.POST);
  }
}
