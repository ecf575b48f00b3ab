package org.etalon.client;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.etalon.inference.InferenceResponse;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferResponse;

/** Requests that a server holds until the test answers them. Thread-safe. */
final class HeldRequests {
  private final BlockingQueue<Held> requests = new LinkedBlockingQueue<>();

  /**
   * A request at the server.
   *
   * @param cancelled counted down when the client has cancelled it
   */
  record Held(
      ModelInferRequest request,
      StreamObserver<ModelInferResponse> observer,
      CountDownLatch cancelled) {
    void answer() {
      ScriptedServer.echo(request, observer);
    }
  }

  /** A {@link ScriptedServer}'s script. */
  void hold(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
    CountDownLatch cancelled = new CountDownLatch(1);
    ((ServerCallStreamObserver<ModelInferResponse>) observer)
        .setOnCancelHandler(cancelled::countDown);
    requests.add(new Held(request, observer, cancelled));
  }

  Held take() throws InterruptedException {
    return requests.take();
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  void clear() {
    requests.clear();
  }

  /** Answers requests as they come until all these are done, and checks them in order. */
  void answerAll(List<CompletableFuture<InferenceResponse>> answers) throws Exception {
    CompletableFuture<Void> all =
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new));
    while (!all.isDone()) {
      Held next = requests.poll(1, SECONDS);
      if (next != null) {
        next.answer();
      }
    }
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get().id()).contains("r" + i);
      assertThat(answers.get(i).get().output("y").toFloats()).containsExactly(i);
    }
  }
}
