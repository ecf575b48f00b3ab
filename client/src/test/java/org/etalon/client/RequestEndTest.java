package org.etalon.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelInferResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How requests end before their answer: refused, given up, overdue, or with the client. */
@Timeout(60)
final class RequestEndTest {
  private final HeldRequests held = new HeldRequests();

  @Test
  void refusesAtOnceWhatTheWaitingRoomDoesNotHold() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).maxInFlight(2).maxWaiting(3).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      assertThat(Requests.failure(client.infer(Requests.request("r5", 5))).code())
          .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
      held.answerAll(answers);
    }
  }

  @Test
  void keepsFewerBytesUnderWayThanItsBound() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client =
            EtalonClient.open(ClientConfig.to(server.url()).maxInFlightBytes(1).build())) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      for (int i = 0; i < 4; i++) {
        HeldRequests.Held only = held.take();
        assertThat(held.isEmpty()).isTrue();
        only.answer();
      }
      held.answerAll(answers);
    }
  }

  @Test
  void cancelsARequestUnderWayAtTheServer() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()))) {
      CompletableFuture<InferenceResponse> answer = client.infer(Requests.request("a", 1));
      HeldRequests.Held atServer = held.take();
      assertThat(answer.cancel(true)).isTrue();
      assertThat(Requests.failure(answer).code()).isEqualTo(ErrorCode.CANCELLED);
      assertThat(atServer.cancelled().await(30, SECONDS)).isTrue();
      assertThat(answer.cancel(true)).isFalse();
    }
  }

  @Test
  void cancelsAWaitingAndAPausingRequestAtOnce() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client =
            Requests.open(ClientConfig.to(server.url()).maxInFlight(1).build(), time)) {
      CompletableFuture<InferenceResponse> pausing = client.infer(Requests.request("a", 1));
      held.take().observer().onError(ScriptedServer.error(Status.UNAVAILABLE, "full"));
      time.awaitTimer();
      CompletableFuture<InferenceResponse> underWay = client.infer(Requests.request("b", 1));
      CompletableFuture<InferenceResponse> waiting = client.infer(Requests.request("c", 1));
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
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client =
            EtalonClient.open(
                ClientConfig.to(server.url()).requestDeadline(Duration.ofMillis(50)).build())) {
      ServingException failure = Requests.failure(client.infer(Requests.request("a", 1)));
      assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(failure).hasMessageContaining("within 0.05 s");
    }
  }

  @Test
  void endsARequestWhoseTimeIsOverInTheClient() throws Exception {
    ManualTime time = new ManualTime();
    try (ScriptedServer server = ScriptedServer.start(held::hold);
        EtalonClient client =
            Requests.open(
                ClientConfig.to(server.url())
                    .maxInFlight(1)
                    .requestDeadline(Duration.ofSeconds(100))
                    .build(),
                time)) {
      CompletableFuture<InferenceResponse> underWay = client.infer(Requests.request("a", 1));
      time.advance(Duration.ofSeconds(60));
      CompletableFuture<InferenceResponse> waiting = client.infer(Requests.request("b", 1));
      time.advance(Duration.ofSeconds(60));
      assertThat(waiting).isNotDone();
      time.advance(Duration.ofSeconds(41));
      assertThat(Requests.failure(waiting).code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
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
      assertThat(Requests.failure(client.infer(Requests.request("a", 1))).code())
          .isEqualTo(ErrorCode.INTERNAL);
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
        ServingException failure =
            Requests.failure(client.infer(InferenceRequest.of(Requests.MODEL, tensor)));
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
        EtalonClient client = Requests.open(ClientConfig.of(server.url()), time)) {
      CompletableFuture<InferenceResponse> answer;
      try (Arena arena = Arena.ofShared()) {
        answer = client.infer(InferenceRequest.of(ModelId.of("full"), bytes(arena)));
        time.awaitTimer();
      }
      time.advance(Duration.ofSeconds(2));
      assertThat(Requests.failure(answer).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(Requests.failure(answer)).hasMessageContaining("lent until");
      assertThat(client.infer(Requests.request("a", 1)).get().id()).contains("a");
    }
  }

  private static Tensor bytes(Arena arena) {
    return new Tensor("x", DataType.UINT8, Shape.of(9), arena.allocate(9));
  }

  @Test
  void letsRequestsFinishWhenClosed() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold)) {
      EtalonClient client = EtalonClient.open(ClientConfig.of(server.url()));
      CompletableFuture<InferenceResponse> answer = client.infer(Requests.request("a", 1));
      HeldRequests.Held atServer = held.take();
      Thread closing = Thread.ofPlatform().start(client::close);
      while (closing.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      assertThat(answer).isNotDone();
      atServer.answer();
      assertThat(answer.get().id()).contains("a");
      closing.join();
      assertNoThreadIsLeft();
    }
  }

  @Test
  void givesUpRequestsWhenTheGraceIsOver() throws Exception {
    try (ScriptedServer server = ScriptedServer.start(held::hold)) {
      EtalonClient client =
          EtalonClient.open(ClientConfig.to(server.url()).closeGrace(Duration.ZERO).build());
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        answers.add(client.infer(Requests.request("r" + i, i)));
      }
      client.close();
      for (CompletableFuture<InferenceResponse> answer : answers) {
        assertThat(answer).isDone();
        assertThat(Requests.failure(answer).code()).isEqualTo(ErrorCode.CANCELLED);
      }
      assertNoThreadIsLeft();
      assertThat(Requests.failure(client.infer(Requests.request("z", 1))))
          .hasMessageContaining("is closed");
    }
  }

  /** A group of event loops says that it has ended a moment before its threads do. */
  private static void assertNoThreadIsLeft() throws InterruptedException {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("etalon-client")) {
        assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
      }
    }
  }
}
