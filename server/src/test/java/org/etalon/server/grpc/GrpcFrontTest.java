package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrpcFrontTest {
  @TempDir private Path folder;
  private ServedEngine served;

  @BeforeEach
  void start() throws IOException {
    served = ServedEngine.start(folder);
  }

  @AfterEach
  void stop() {
    served.close();
  }

  @Test
  void reportsItsHealth() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(served.channel);
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(ServingStatus.SERVING);
    assertThat(
            health
                .check(
                    HealthCheckRequest.newBuilder()
                        .setService("inference.GRPCInferenceService")
                        .build())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> health.check(HealthCheckRequest.newBuilder().setService("x").build()))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND));
  }

  @Test
  void tellsWatchersThatItDrains() throws Exception {
    Iterator<HealthCheckResponse> states =
        HealthGrpc.newBlockingStub(served.channel)
            .withDeadlineAfter(30, TimeUnit.SECONDS)
            .watch(HealthCheckRequest.getDefaultInstance());
    assertThat(states.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    CompletableFuture<Void> drained = served.front.drain();
    assertThat(states.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(states.hasNext()).isFalse();
    drained.get(30, TimeUnit.SECONDS);
  }

  @Test
  void finishesWhatIsInFlightWhenItDrains() throws Exception {
    ListenableFuture<ModelInferResponse> waiting =
        GRPCInferenceServiceGrpc.newFutureStub(served.channel)
            .modelInfer(ServedEngine.request("hold", "7", 1));
    // Answered behind the other on the same connection, so that one has been read.
    served.stub().modelInfer(ServedEngine.request("plus", "", 1));
    CompletableFuture<Void> drained = served.front.drain();
    assertThat(drained).isNotDone();
    served.backend.release();
    assertThat(waiting.get(30, TimeUnit.SECONDS).getId()).isEqualTo("7");
    drained.get(30, TimeUnit.SECONDS);
    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> served.stub().modelInfer(ServedEngine.request("plus", "", 1)))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void describesItsServices() throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(served.channel).serverReflectionInfo(first(answer));
    questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertThat(
            answer.get(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
                .map(ServiceResponse::getName))
        .contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
    questions.onCompleted();
  }

  private static <T> StreamObserver<T> first(CompletableFuture<T> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T value) {
        answer.complete(value);
      }

      @Override
      public void onError(Throwable error) {
        answer.completeExceptionally(error);
      }

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void saysWhereItCannotListen() {
    int taken = served.front.address().getPort();
    String host = ServedEngine.localhost().host();
    assertThatIOException()
        .isThrownBy(() ->
            GrpcFront.start(
                GrpcConfig.at(host, taken),
                served.engine,
                ServerIdentity.current(),
                AccessControl.open(),
                new SharedRegions(true),
                Observation.embedded()))
        .withMessage(
            "gRPC cannot listen on %s:%d (expected: a free port of this machine)", host, taken);
  }

  @Test
  void refusesSettingsWithEveryFaultAtOnce() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() ->
            new GrpcConfig(
                "localhost",
                -1,
                0,
                GrpcLimits.defaults(),
                KeepAlive.defaults(),
                ResponseCompression.NONE,
                Optional.empty(),
                ForwardedHeaders.none()))
        .withMessage("gRPC port: -1 (expected: 0 to 65535); gRPC eventLoops: 0 (expected: > 0)");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> new GrpcLimits(0, 1, 1, 1, -2))
        .withMessage(
            "gRPC maxMessageBytes: 0 (expected: > 0); gRPC streamWindow: -2 (expected: > 0)");
  }
}
