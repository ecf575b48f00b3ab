package org.etalon.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client answers, and sends again. */
@Timeout(60)
final class EtalonClientTest {
  private final HeldRequests held = new HeldRequests();

  @Test
  void answersWithTheServersTensors() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()));
        InferenceResponse response = client.infer(Requests.request("a", 1, 2, 3)).get()) {
      assertThat(response.modelName()).isEqualTo("bbh");
      assertThat(response.modelVersion()).isEqualTo(1);
      assertThat(response.id()).contains("a");
      assertThat(response.output("y").toFloats()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void sendsMegabytesFromOffTheHeap() throws Exception {
    try (Arena arena = Arena.ofShared();
        ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      MemorySegment data = arena.allocate(3_000_000);
      for (long i = 0; i < data.byteSize(); i += 4) {
        data.set(Tensor.INT, i, (int) i);
      }
      Tensor tensor = new Tensor("x", DataType.INT32, Shape.of(750_000), data);
      try (InferenceResponse response =
          client.infer(InferenceRequest.of(Requests.MODEL, tensor)).get()) {
        assertThat(response.output("y").data().mismatch(data)).isEqualTo(-1);
      }
    }
  }

  @Test
  void tellsWhatAModelTakesAndGives() {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<Long> shape = List.of(-1L, 64L);
      assertThat(client.metadata(Requests.MODEL))
          .isEqualTo(
              new ModelMetadata(
                  "bbh",
                  List.of(1L, 3L),
                  "onnxruntime_onnx",
                  List.of(new TensorMetadata("x", DataType.FP32, shape)),
                  List.of(new TensorMetadata("y", DataType.FP32, shape))));
      assertThatThrownBy(() -> client.metadata(ModelId.of("x")))
          .isInstanceOfSatisfying(
              ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
          .hasMessage("Request for unknown model: 'x' is not found");
    }
  }

  @Test
  void namesTheAddressWhereNoServerTellsMetadata() {
    ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
    server.kill();
    ClientConfig config =
        ClientConfig.to(server.url()).connectWindow(Duration.ofMillis(200)).build();
    try (EtalonClient client = EtalonClient.open(config)) {
      assertThatThrownBy(() -> client.metadata(Requests.MODEL))
          .isInstanceOfSatisfying(
              ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
          .hasMessageContaining(server.url());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"OK", "UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"})
  void failsAtOnceInTheServersWords(Status.Code code) {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer server =
            ScriptedServer.start((_, observer) -> {
              asked.incrementAndGet();
              observer.onError(ScriptedServer.error(code.toStatus(), "the reason"));
            });
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      ServingException failure = Requests.failure(client.infer(Requests.request("a", 1)));
      assertThat(failure.code()).isEqualTo(Failure.code(code));
      assertThat(failure).hasMessage("the reason");
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void sendsAgainWhatTheServerCouldNotTake() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ManualTime time = new ManualTime();
    try (ScriptedServer server =
            ScriptedServer.start((request, observer) -> {
              if (asked.incrementAndGet() <= 3) {
                observer.onError(
                    ScriptedServer.error(Status.UNAVAILABLE, "Exceeds maximum queue size"));
              } else {
                ScriptedServer.echo(request, observer);
              }
            });
        EtalonClient client = Requests.open(ClientConfig.of(server.url()), time)) {
      CompletableFuture<InferenceResponse> answer = client.infer(Requests.request("a", 5));
      for (int i = 0; i < 3; i++) {
        time.awaitTimer();
        time.advance(Duration.ofSeconds(2));
      }
      assertThat(answer.get().output("y").toFloats()).containsExactly(5);
      assertThat(asked).hasValue(4);
      assertThat(client.inFlightLimit(Requests.MODEL)).isLessThan(16);
    }
  }

  @Test
  void tellsAddressTimeAndCauseWhenTheRetryWindowEnds() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server =
            ScriptedServer.start((_, observer) ->
                observer.onError(ScriptedServer.error(Status.UNAVAILABLE, "not ready")));
        EtalonClient client =
            Requests.open(
                ClientConfig.to(server.url()).retryWindow(Duration.ofSeconds(3)).build(), time)) {
      CompletableFuture<InferenceResponse> answer = client.infer(Requests.request("a", 5));
      for (int i = 0; i < 3; i++) {
        time.awaitTimer();
        time.advance(Duration.ofSeconds(1));
      }
      assertThat(Requests.failure(answer).code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(Requests.failure(answer))
          .hasMessage(
              "%s did not take request 'a' for model 'bbh' in 4 attempts within 3.0 s; last: not ready"
                  .formatted(server.url()));
    }
  }

  @Test
  void sendsARequestOfASequenceOnce() {
    AtomicInteger asked = new AtomicInteger();
    try (ScriptedServer server =
            ScriptedServer.start((_, observer) -> {
              asked.incrementAndGet();
              observer.onError(ScriptedServer.error(Status.UNAVAILABLE, "stopping"));
            });
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      Sequence sequence = new Sequence(new Sequence.Id.Number(1), true, false);
      CompletableFuture<InferenceResponse> answer =
          client.infer(InferenceRequest.to(Requests.MODEL).sequence(sequence).build());
      assertThat(Requests.failure(answer).code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(Requests.failure(answer)).hasMessageStartingWith("stopping");
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void answersAllRequestsOfAServerThatDiesAndComesBack() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      held.take();
      server.kill();
      held.clear();
      server.start();
      held.answerAll(answers);
    }
  }

  @Test
  void answersAllRequestsOfAServerThatShutsDownInPeaceAndComesBack() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      HeldRequests.Held first = held.take();
      server.shutDown();
      first.answer();
      held.take().answer();
      server.kill();
      held.clear();
      server.start();
      held.answerAll(answers);
    }
  }

  @Test
  void answersRequestsThatCameBeforeTheServer() throws Exception {
    ScriptedServer server = ScriptedServer.start(held::hold);
    server.kill();
    try (EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      server.start();
      held.answerAll(answers);
    } finally {
      server.close();
    }
  }

  @Test
  void answersTenThousandRequestsAtOnce() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).connections(3).eventLoops(2).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        answers.add(client.infer(Requests.request("r" + i, i, -i)));
      }
      for (int i = 0; i < 10_000; i++) {
        assertThat(answers.get(i).get().output("y").toFloats()).containsExactly(i, -i);
      }
    }
  }

  @Test
  void namesEveryWrongSettingAtOnce() {
    assertThatThrownBy(() ->
            ClientConfig.to("http://h").maxInFlight(0).retryWindow(Duration.ofSeconds(-1)).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("url: 'http://h'")
        .hasMessageContaining("maxInFlight: 0")
        .hasMessageContaining("retryWindow: PT-1S");
  }
}
