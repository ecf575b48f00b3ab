package org.etalon.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
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
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
final class EtalonClientTest {
  private static final ModelId MODEL = ModelId.of("bbh");

  /** Requests that the server holds until the test answers them. */
  private final BlockingQueue<Held> held = new LinkedBlockingQueue<>();

  private record Held(
      ModelInferRequest request,
      StreamObserver<ModelInferResponse> observer,
      CountDownLatch cancelled) {
    void answer() {
      ScriptedServer.echo(request, observer);
    }
  }

  private void hold(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    CountDownLatch cancelled = new CountDownLatch(1);
    ((ServerCallStreamObserver<ModelInferResponse>) observer)
        .setOnCancelHandler(cancelled::countDown);
    held.add(new Held(request, observer, cancelled));
  }

  @Test
  void answersWithTheServersTensors() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()));
        InferenceResponse response = client.infer(request("a", 1, 2, 3)).get()) {
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
      try (InferenceResponse response = client.infer(InferenceRequest.of(MODEL, tensor)).get()) {
        assertThat(response.output("y").data().mismatch(data)).isEqualTo(-1);
      }
    }
  }

  @Test
  void tellsWhatAModelTakesAndGives() {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<Long> shape = List.of(-1L, 64L);
      assertThat(client.metadata(MODEL))
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
      assertThatThrownBy(() -> client.metadata(MODEL))
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
      ServingException failure = failure(client.infer(request("a", 1)));
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
        EtalonClient client = open(ClientConfig.of(server.url()), time)) {
      CompletableFuture<InferenceResponse> answer = client.infer(request("a", 5));
      for (int i = 0; i < 3; i++) {
        time.awaitTimer();
        time.advance(Duration.ofSeconds(2));
      }
      assertThat(answer.get().output("y").toFloats()).containsExactly(5);
      assertThat(asked).hasValue(4);
      assertThat(client.inFlightLimit(MODEL)).isLessThan(16);
    }
  }

  @Test
  void tellsAddressTimeAndCauseWhenTheRetryWindowEnds() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server =
            ScriptedServer.start((_, observer) ->
                observer.onError(ScriptedServer.error(Status.UNAVAILABLE, "not ready")));
        EtalonClient client =
            open(ClientConfig.to(server.url()).retryWindow(Duration.ofSeconds(3)).build(), time)) {
      CompletableFuture<InferenceResponse> answer = client.infer(request("a", 5));
      for (int i = 0; i < 3; i++) {
        time.awaitTimer();
        time.advance(Duration.ofSeconds(1));
      }
      assertThat(failure(answer).code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(failure(answer))
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
          client.infer(InferenceRequest.to(MODEL).sequence(sequence).build());
      assertThat(failure(answer).code()).isEqualTo(ErrorCode.UNAVAILABLE);
      assertThat(failure(answer)).hasMessageStartingWith("stopping");
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void answersAllRequestsOfAServerThatDiesAndComesBack() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      held.take();
      server.kill();
      held.clear();
      server.start();
      assertAllAnswered(answers);
    }
  }

  @Test
  void answersAllRequestsOfAServerThatShutsDownInPeaceAndComesBack() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      Held first = held.take();
      server.shutDown();
      first.answer();
      held.take().answer();
      server.kill();
      held.clear();
      server.start();
      assertAllAnswered(answers);
    }
  }

  @Test
  void answersRequestsThatCameBeforeTheServer() throws Exception {
    ScriptedServer server = ScriptedServer.start(this::hold);
    server.kill();
    try (EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      server.start();
      assertAllAnswered(answers);
    } finally {
      server.close();
    }
  }

  private void assertAllAnswered(List<CompletableFuture<InferenceResponse>> answers)
      throws Exception {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    while (!all.isDone()) {
      Held next = held.poll(1, SECONDS);
      if (next != null) {
        next.answer();
      }
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get().id()).contains("r" + i);
      assertThat(answers.get(i).get().output("y").toFloats()).containsExactly(i);
    }
  }

  @Test
  void answersTenThousandRequestsAtOnce() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).connections(3).eventLoops(2).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 10_000; i++) {
        answers.add(client.infer(request("r" + i, i, -i)));
      }
      for (int i = 0; i < 10_000; i++) {
        assertThat(answers.get(i).get().output("y").toFloats()).containsExactly(i, -i);
      }
    }
  }

  @Test
  void refusesAtOnceWhatTheWaitingRoomDoesNotHold() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).maxInFlight(2).maxWaiting(3).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      assertThat(failure(client.infer(request("r5", 5))).code())
          .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      assertAllAnswered(answers);
    }
  }

  @Test
  void keepsFewerBytesUnderWayThanItsBound() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).maxInFlightBytes(1).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      for (int i = 0; i < 4; i++) {
        Held only = held.take();
        assertThat(held).isEmpty();
        only.answer();
      }
      assertAllAnswered(answers);
    }
  }

  @Test
  void cancelsARequestUnderWayAtTheServer() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      CompletableFuture<InferenceResponse> answer = client.infer(request("a", 1));
      Held atServer = held.take();
      assertThat(answer.cancel(true)).isTrue();
      assertThat(failure(answer).code()).isEqualTo(ErrorCode.CANCELLED);
      assertThat(atServer.cancelled.await(30, SECONDS)).isTrue();
      assertThat(answer.cancel(true)).isFalse();
    }
  }

  @Test
  void cancelsAWaitingAndAPausingRequestAtOnce() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client = open(ClientConfig.to(server.url()).maxInFlight(1).build(), time)) {
      CompletableFuture<InferenceResponse> pausing = client.infer(request("a", 1));
      held.take().observer.onError(ScriptedServer.error(Status.UNAVAILABLE, "full"));
      time.awaitTimer();
      CompletableFuture<InferenceResponse> underWay = client.infer(request("b", 1));
      CompletableFuture<InferenceResponse> waiting = client.infer(request("c", 1));
      assertThat(waiting.cancel(true)).isTrue();
      assertThat(pausing.cancel(true)).isTrue();
      assertThat(waiting).isDone();
      assertThat(pausing).isDone();
      held.take().answer();
      assertThat(underWay.get().id()).contains("b");
    }
  }

  @Test
  void endsARequestWhoseTimeIsOverAtTheServer() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client =
            EtalonClient.open(
                ClientConfig.to(server.url()).requestDeadline(Duration.ofMillis(50)).build())) {
      ServingException failure = failure(client.infer(request("a", 1)));
      assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(failure).hasMessageContaining("within 0.05 s");
    }
  }

  @Test
  void endsARequestWhoseTimeIsOverInTheClient() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server = ScriptedServer.start(this::hold);
        EtalonClient client =
            open(
                ClientConfig.to(server.url())
                    .maxInFlight(1)
                    .requestDeadline(Duration.ofSeconds(100))
                    .build(),
                time)) {
      CompletableFuture<InferenceResponse> underWay = client.infer(request("a", 1));
      time.advance(Duration.ofSeconds(60));
      CompletableFuture<InferenceResponse> waiting = client.infer(request("b", 1));
      time.advance(Duration.ofSeconds(60));
      assertThat(waiting).isNotDone();
      time.advance(Duration.ofSeconds(41));
      assertThat(failure(waiting).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      held.take().answer();
      underWay.get().close();
    }
  }

  @Test
  void refusesAnAnswerThatIsNone() {
    try (ScriptedServer server =
            ScriptedServer.start((_, observer) -> {
              observer.onNext(ModelInferResponse.newBuilder().setModelVersion("x").build());
              observer.onCompleted();
            });
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      assertThat(failure(client.infer(request("a", 1))).code()).isEqualTo(ErrorCode.INTERNAL);
    }
  }

  @Test
  void refusesARequestWhoseMemoryIsClosedOrConfined() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(ScriptedServer::echo);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()));
        Arena confined = Arena.ofConfined()) {
      Tensor closed;
      try (Arena arena = Arena.ofShared()) {
        closed = bytes(arena);
      }
      for (Tensor tensor : List.of(closed, bytes(confined))) {
        ServingException failure = failure(client.infer(InferenceRequest.of(MODEL, tensor)));
        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("memory of input 'x'");
      }
    }
  }

  @Test
  void failsARequestWhoseMemoryIsTakenAwayAndGoesOn() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server =
            ScriptedServer.start((request, observer) -> {
              if (request.getModelName().equals("full")) {
                observer.onError(ScriptedServer.error(Status.UNAVAILABLE, "full"));
              } else {
                ScriptedServer.echo(request, observer);
              }
            });
        EtalonClient client = open(ClientConfig.of(server.url()), time)) {
      CompletableFuture<InferenceResponse> answer;
      try (Arena arena = Arena.ofShared()) {
        answer = client.infer(InferenceRequest.of(ModelId.of("full"), bytes(arena)));
        time.awaitTimer();
      }
      time.advance(Duration.ofSeconds(2));
      assertThat(failure(answer).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure(answer)).hasMessageContaining("lent until");
      assertThat(client.infer(request("a", 1)).get().id()).contains("a");
    }
  }

  private static Tensor bytes(Arena arena) {
    return new Tensor("x", DataType.UINT8, Shape.of(9), arena.allocate(9));
  }

  @Test
  void letsRequestsFinishWhenClosed() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(this::hold)) {
      EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()));
      CompletableFuture<InferenceResponse> answer = client.infer(request("a", 1));
      Held atServer = held.take();
      Thread closing = Thread.ofPlatform().start(client::close);
      while (closing.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      assertThat(answer).isNotDone();
      atServer.answer();
      assertThat(answer.get().id()).contains("a");
      closing.join();
      assertThat(clientThreads()).isEmpty();
    }
  }

  @Test
  void givesUpRequestsWhenTheGraceIsOver() {
    try (ScriptedServer server = ScriptedServer.start(this::hold)) {
      EtalonClient client =
          EtalonClient.open(ClientConfig.to(server.url()).closeGrace(Duration.ZERO).build());
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(client.infer(request("r" + i, i)));
      }
      client.close();
      for (CompletableFuture<InferenceResponse> answer : answers) {
        assertThat(answer).isDone();
        assertThat(failure(answer).code()).isEqualTo(ErrorCode.CANCELLED);
      }
      assertThat(clientThreads()).isEmpty();
      assertThat(failure(client.infer(request("z", 1)))).hasMessageContaining("is closed");
    }
  }

  private static List<String> clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("etalon-client"))
        .toList();
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

  private static EtalonClient open(ClientConfig config, ManualTime time) {
    return new EtalonClient(config, Connections.eventLoops(config), time, new Random(1));
  }

  private static InferenceRequest request(String id, float... values) {
    return InferenceRequest.to(new ModelId("bbh", OptionalLong.empty()))
        .id(id)
        .input(Tensor.of("x", Shape.of(values.length), values))
        .build();
  }

  private static ServingException failure(CompletableFuture<InferenceResponse> answer) {
    assertThat(answer).failsWithin(Duration.ofSeconds(30));
    assertThat(answer.exceptionNow()).isInstanceOf(ServingException.class);
    return (ServingException) answer.exceptionNow();
  }
}
