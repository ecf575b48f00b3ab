package org.etalon.engine.repository;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import org.etalon.engine.request.InferenceCall;
import org.etalon.engine.request.ResponseHandler;
import org.etalon.engine.scheduling.ServedVersion;
import org.etalon.engine.scheduling.VersionGate;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Says which version answers a request. Thread-safe, without locks. */
final class VersionRouter {
  private static final InferenceCall ANSWERED = () -> {};

  private final Map<String, RepositoryModel> models;
  private volatile boolean isClosed;

  VersionRouter(Map<String, RepositoryModel> models) {
    this.models = models;
  }

  /** No request is taken any more, but for those that ensembles have under way. */
  void close() {
    isClosed = true;
  }

  boolean isClosed() {
    return isClosed;
  }

  /** Asks the version meant; every outcome goes to the handler. */
  InferenceCall submit(InferenceRequest request, ResponseHandler handler) {
    CanaryTrial trial = request.model().version().isEmpty() ? trial(request) : null;
    // A canary that has just been given up is met by nobody.
    if (trial != null && trial.gate().tryEnter()) {
      try {
        return trial.submit(request, handler, this::submitToProduction);
      } finally {
        trial.gate().leave();
      }
    }
    return submitToProduction(request, handler);
  }

  /** The canary that is to be tried with this request. */
  private @Nullable CanaryTrial trial(InferenceRequest request) {
    RepositoryModel model = models.get(request.model().name());
    CanaryTrial trial = model == null || isClosed ? null : model.published().trial();
    return trial != null && trial.takes(request) ? trial : null;
  }

  private InferenceCall submitToProduction(InferenceRequest request, ResponseHandler handler) {
    while (true) {
      VersionGate gate;
      try {
        gate = gate(request.model());
      } catch (ServingException e) {
        handler.onError(e);
        return ANSWERED;
      }
      // A gate closes after its successor is published: who meets a closed one finds that next.
      if (gate.tryEnter()) {
        try {
          return gate.served().submit(request, handler);
        } finally {
          gate.leave();
        }
      }
    }
  }

  /** The version of that model and number, if it serves. */
  Optional<ServedVersion> find(ModelId id) {
    RepositoryModel model = models.get(id.name());
    return model == null || id.version().isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(model.published().serving().get(id.version().getAsLong()))
            .map(VersionGate::served);
  }

  /**
   * The version meant.
   *
   * @throws ServingException NOT_FOUND if there is no such model or version, UNAVAILABLE if it is
   *     not ready
   */
  VersionGate gate(ModelId id) {
    if (isClosed) {
      throw ServingException.unavailable("the service is shutting down");
    }
    return member(id);
  }

  /** The version meant, for an ensemble that may still have requests under way. */
  VersionGate member(ModelId id) {
    RepositoryModel model = models.get(id.name());
    if (model == null || !model.isKnown()) {
      throw unknown(id.name());
    }
    PublishedVersions published = model.published();
    if (id.version().isEmpty()) {
      return published
          .current()
          .orElseThrow(() ->
              ServingException.unavailable(
                  "Request for unknown model: '%s' has no available versions"
                      .formatted(id.name())));
    }
    NavigableMap<Long, VersionGate> serving = published.serving();
    long version = id.version().getAsLong();
    VersionGate gate = serving.get(version);
    if (gate != null) {
      return gate;
    }
    throw model.isKnown(version)
        ? ServingException.unavailable(
            "Request for unknown model: '%s' version %d is not at ready state"
                .formatted(id.name(), version))
        : ServingException.notFound(
            "Request for unknown model: '%s' version %d is not found"
                .formatted(id.name(), version));
  }

  static ServingException unknown(String name) {
    return ServingException.notFound(
        "Request for unknown model: '%s' is not found".formatted(name));
  }
}
