package org.etalon.server.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.etalon.engine.Engine;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.etalon.protocol.json.JsonText;
import org.etalon.protocol.json.RepositoryRequest;

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
    for (String parameter : RepositoryRequest.decode(exchange.body()).parameters().keySet()) {
      if (parameter.equals("config") || parameter.startsWith("file:")) {
        throw new ServingException(
            ErrorCode.UNIMPLEMENTED,
            "load parameter '%s' is not supported (expected: the files in the repository)"
                .formatted(parameter));
      }
    }
    await(engine.load(path.modelName()));
    exchange.answer(Answer.empty(HttpResponseStatus.OK));
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
