package org.etalon.server.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;

/**
 * The standard health service: serving while the engine is ready. Thread-safe.
 *
 * <p>Not the one that gRPC brings, since a watcher there keeps a server that drains from ending.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
  private final BooleanSupplier isReady;
  private final Set<Watcher> watchers = ConcurrentHashMap.newKeySet();
  private volatile boolean isDraining;

  HealthService(BooleanSupplier isReady) {
    this.isReady = isReady;
  }

  @Override
  public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    if (!isKnown(request.getService())) {
      answer.onError(
          Status.NOT_FOUND
              .withDescription("unknown service '" + request.getService() + "'")
              .asRuntimeException());
      return;
    }
    answer.onNext(response(status()));
    answer.onCompleted();
  }

  @Override
  public void watch(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answer) {
    Watcher watcher =
        new Watcher(
            isKnown(request.getService()), (ServerCallStreamObserver<HealthCheckResponse>) answer);
    watcher.answer.setOnCancelHandler(() -> watchers.remove(watcher));
    watchers.add(watcher);
    watcher.tell();
    if (isDraining) {
      watcher.end();
    }
  }

  /** Tells watchers what has changed since the last call. */
  void refresh() {
    watchers.forEach(Watcher::tell);
  }

  /** Not serving from now on; watchers are told, and their calls end. */
  void drain() {
    isDraining = true;
    watchers.forEach(Watcher::end);
  }

  private ServingStatus status() {
    return !isDraining && isReady.getAsBoolean()
        ? ServingStatus.SERVING
        : ServingStatus.NOT_SERVING;
  }

  private static boolean isKnown(String service) {
    return service.isEmpty() || service.equals(GRPCInferenceServiceGrpc.SERVICE_NAME);
  }

  private static HealthCheckResponse response(ServingStatus status) {
    return HealthCheckResponse.newBuilder().setStatus(status).build();
  }

  /** One watching client. */
  private final class Watcher {
    private final boolean isKnown;
    private final ServerCallStreamObserver<HealthCheckResponse> answer;
    private final SerialActions actions = new SerialActions();
    private ServingStatus told = ServingStatus.UNKNOWN;

    Watcher(boolean isKnown, ServerCallStreamObserver<HealthCheckResponse> answer) {
      this.isKnown = isKnown;
      this.answer = answer;
    }

    void tell() {
      actions.run(this::tellChange);
    }

    void end() {
      if (watchers.remove(this)) {
        actions.run(() -> {
          tellChange();
          answer.onCompleted();
        });
      }
    }

    private void tellChange() {
      ServingStatus now = isKnown ? status() : ServingStatus.SERVICE_UNKNOWN;
      if (now != told && !answer.isCancelled()) {
        told = now;
        answer.onNext(response(now));
      }
    }
  }
}
