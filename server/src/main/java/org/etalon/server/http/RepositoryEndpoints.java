package org.etalon.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etalon.engine.Engine;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.JsonText;
import org.etalon.protocol.json.RepositoryRequest;
import org.etalon.server.internal.LoadParameters;

/** Lists, loads and unloads models. Thread-safe; run on virtual threads. */
final class RepositoryEndpoints {
  private final Engine engine;

  RepositoryEndpoints(Engine engine) {
    this.engine = engine;
  }

  void index(Exchange exchange, PathVariables path) {
    boolean isReadyOnly = RepositoryRequest.decode(exchange.body()).isReadyOnly();
    List<ModelIndexEntry> entries =
        engine.index().stream()
            .filter(entry -> !isReadyOnly || entry.state() == ModelIndexEntry.State.READY)
            .toList();
    exchange.answer(Answer.json(json(entries)));
  }

  private static byte[] json(List<ModelIndexEntry> entries) {
    return JsonText.of(json -> {
      json.writeStartArray();
      for (ModelIndexEntry entry : entries) {
        json.writeStartObject();
        json.writeStringProperty("name", entry.model());
        if (entry.version().isPresent()) {
          json.writeStringProperty("version", Long.toString(entry.version().getAsLong()));
        }
        if (entry.state() != ModelIndexEntry.State.UNKNOWN) {
          json.writeStringProperty("state", entry.state().name());
          json.writeStringProperty("reason", entry.reason());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  void load(Exchange exchange, PathVariables path) {
    String model = path.modelName();
    Map<String, String> texts = new HashMap<>();
    Map<String, byte[]> files = new HashMap<>();
    RepositoryRequest.decode(exchange.body())
        .parameters()
        .forEach((key, value) -> sort(model, key, value, texts, files));
    Optional<LoadOverride> override = LoadParameters.override(model, texts, files);
    await(override.isPresent() ? engine.load(model, override.get()) : engine.load(model));
    exchange.answer(Answer.empty(HttpResponseStatus.OK));
  }

  /** Files come in Base64. */
  private static void sort(
      String model,
      String key,
      Parameter value,
      Map<String, String> texts,
      Map<String, byte[]> files) {
    if (!(value instanceof Parameter.Text(String text))) {
      throw ServingException.invalid(
          "load parameter '%s' of model '%s' (expected: a text)".formatted(key, model));
    }
    if (!LoadParameters.isFile(key)) {
      texts.put(key, text);
      return;
    }
    try {
      files.put(key, Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(
          "load parameter '%s' of model '%s': %s (expected: Base64)"
              .formatted(key, model, e.getMessage()));
    }
  }

  private static void await(CompletableFuture<Void> loaded) {
    try {
      loaded.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof ServingException known
          ? known
          : ServingException.internal("load failed: " + e.getCause(), e);
    }
  }

  void unload(Exchange exchange, PathVariables path) {
    Parameter withDependents =
        RepositoryRequest.decode(exchange.body()).parameters().get("unload_dependents");
    engine.unload(path.modelName(), withDependents instanceof Parameter.Bool(boolean is) && is);
    exchange.answer(Answer.empty(HttpResponseStatus.OK));
  }
}
