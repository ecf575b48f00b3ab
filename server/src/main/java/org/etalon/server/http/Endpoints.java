package org.etalon.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import org.etalon.engine.Engine;
import org.etalon.inference.ModelId;
import org.etalon.protocol.json.JsonText;
import org.etalon.protocol.json.MessageJson;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;

/** Everything that the protocol puts under {@code /v2}. Thread-safe. */
final class Endpoints {
  private final Engine engine;
  private final ServerIdentity identity;

  private Endpoints(Engine engine, ServerIdentity identity) {
    this.engine = engine;
    this.identity = identity;
  }

  /** The router to an engine; the path asked most comes first. */
  static Router of(
      Engine engine,
      ServerIdentity identity,
      AccessControl access,
      SharedRegions regions,
      Observation observation,
      ForwardedHeaders forwarded) {
    var here = new Endpoints(engine, identity);
    var infer = new InferEndpoint(engine, regions, observation, forwarded);
    var generate = new GenerateEndpoint(engine, observation, forwarded);
    var settings = new SettingsEndpoints(engine, observation);
    var memory = new MemoryEndpoints(regions);
    var repository = new RepositoryEndpoints(engine);
    return new Router(
        List.of(
            Route.post("v2/models/{model}/infer", infer),
            Route.post("v2/models/{model}/versions/{version}/infer", infer),
            Route.get("v2/health/live", here::live),
            Route.get("v2/health/ready", here::ready),
            Route.get("v2", here::server),
            Route.get("v2/models/stats", here::statistics),
            Route.get("v2/models/{model}", here::metadata),
            Route.get("v2/models/{model}/versions/{version}", here::metadata),
            Route.get("v2/models/{model}/ready", here::modelReady),
            Route.get("v2/models/{model}/versions/{version}/ready", here::modelReady),
            Route.get("v2/models/{model}/config", here::config),
            Route.get("v2/models/{model}/versions/{version}/config", here::config),
            Route.get("v2/models/{model}/stats", here::statistics),
            Route.get("v2/models/{model}/versions/{version}/stats", here::statistics),
            Route.slowPost("v2/repository/index", repository::index),
            Route.slowPost("v2/repository/models/{model}/load", repository::load),
            Route.slowPost("v2/repository/models/{model}/unload", repository::unload),
            Route.post("v2/models/{model}/generate", generate::generate),
            Route.post("v2/models/{model}/versions/{version}/generate", generate::generate),
            Route.post("v2/models/{model}/generate_stream", generate::stream),
            Route.post("v2/models/{model}/versions/{version}/generate_stream", generate::stream),
            Route.getOrPost("v2/trace/setting", settings::trace),
            Route.getOrPost("v2/models/{model}/trace/setting", settings::trace),
            Route.getOrPost("v2/logging", settings::log),
            Route.get("v2/{memory}/status", memory::status),
            Route.get("v2/{memory}/region/{region}/status", memory::status),
            Route.slowPost("v2/{memory}/region/{region}/register", memory::register),
            Route.post("v2/{memory}/region/{region}/unregister", memory::unregister),
            Route.post("v2/{memory}/unregister", memory::unregister)),
        access);
  }

  private void live(Exchange exchange, PathVariables path) {
    exchange.answer(okIf(engine.isLive()));
  }

  private void ready(Exchange exchange, PathVariables path) {
    exchange.answer(okIf(engine.isReady()));
  }

  private void modelReady(Exchange exchange, PathVariables path) {
    exchange.answer(okIf(engine.isReady(path.model())));
  }

  private static Answer okIf(boolean is) {
    return Answer.empty(is ? HttpResponseStatus.OK : HttpResponseStatus.BAD_REQUEST);
  }

  private void server(Exchange exchange, PathVariables path) {
    exchange.answer(
        Answer.json(
            JsonText.of(json -> {
              json.writeStartObject();
              json.writeStringProperty("name", identity.name());
              json.writeStringProperty("version", identity.version());
              json.writeArrayPropertyStart("extensions");
              identity.extensions().forEach(json::writeString);
              json.writeEndArray();
              json.writeEndObject();
            })));
  }

  private void metadata(Exchange exchange, PathVariables path) {
    ModelId model = path.model();
    exchange.answer(Answer.json(JsonText.metadata(engine.metadata(model))));
  }

  private void config(Exchange exchange, PathVariables path) {
    exchange.answer(Answer.json(MessageJson.of(engine.config(path.model()))));
  }

  private void statistics(Exchange exchange, PathVariables path) {
    exchange.answer(
        Answer.json(
            StatisticsJson.of(engine.statistics(path.optionalModelName(), path.version()))));
  }
}
