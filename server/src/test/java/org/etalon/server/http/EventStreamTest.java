package org.etalon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.server.security.AccessControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that come in pieces, given by a model that the test plays. */
final class EventStreamTest {
  private static final String ASK =
      "POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final BlockingQueue<StreamHandler> asked = new LinkedBlockingQueue<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final AtomicInteger lent = new AtomicInteger();
  private HttpFront front;

  @BeforeEach
  void serve() throws IOException {
    var router =
        new Router(
            List.of(
                Route.post(
                    "stream",
                    (exchange, _) -> {
                      exchange.onClientGone(cancelled::countDown);
                      asked.add(new StreamHandler(exchange, Optional.of("r")));
                    }),
                Route.get("ping", (exchange, _) -> exchange.answer(Answer.json(new byte[] {'1'})))),
            AccessControl.open());
    front = HttpFront.start(HttpConfig.of("127.0.0.1", 0), router, memory);
  }

  @AfterEach
  void givesAllMemoryBack() {
    front.close();
    assertThat(memory.metric().usedDirectMemory()).isZero();
    assertThat(lent).hasValue(0);
  }

  private StreamHandler takeAsked() throws InterruptedException {
    StreamHandler handler = asked.poll(20, TimeUnit.SECONDS);
    if (handler == null) {
      throw new IllegalStateException("no request came");
    }
    return handler;
  }

  private InferenceResponse answer(float... values) {
    lent.incrementAndGet();
    return new InferenceResponse(
        "m",
        1,
        Optional.empty(),
        values.length == 0 ? List.of() : List.of(Tensor.of("y", Shape.of(values.length), values)),
        Map.of(),
        lent::decrementAndGet);
  }

  private static String event(String value) {
    return "data: {\"model_name\":\"m\",\"model_version\":\"1\",\"y\":" + value + "}\n\n";
  }

  @Test
  void sendsEachAnswerAsItComesAndLeavesTheConnectionOpen() throws Exception {
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send(ASK + "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
      StreamHandler model = takeAsked();
      model.onResponse(answer(1), false);
      RawClient.Response head = client.readWithoutBody();
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers())
          .containsEntry("content-type", "text/event-stream; charset=utf-8")
          .containsEntry("transfer-encoding", "chunked");
      assertThat(client.readChunk()).isEqualTo(event("1.0"));
      model.onResponse(answer(2, 3), false);
      assertThat(client.readChunk()).isEqualTo(event("[2.0,3.0]"));
      model.onResponse(answer(), true);
      assertThat(client.readChunk()).isEmpty();
      assertThat(client.read().text()).isEqualTo("1");
    }
  }

  @Test
  void answersAnErrorBeforeTheFirstEventPlainlyAndALaterOneAsAnEvent() throws Exception {
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send(ASK);
      takeAsked().onError(ServingException.unavailable("busy"));
      RawClient.Response plain = client.read();
      assertThat(plain.status()).isEqualTo(503);
      assertThat(plain.text()).isEqualTo("{\"error\":\"[request id: r] busy\"}");
      client.send(ASK);
      StreamHandler model = takeAsked();
      model.onResponse(answer(1), false);
      model.onError(ServingException.unavailable("gone"));
      assertThat(client.readWithoutBody().status()).isEqualTo(200);
      assertThat(client.readChunk()).isEqualTo(event("1.0"));
      assertThat(client.readChunk()).isEqualTo("data: {\"error\":\"[request id: r] gone\"}\n\n");
      assertThat(client.readChunk()).isEmpty();
    }
  }

  @Test
  void stopsTheModelAtAnAnswerThatJsonCannotExpress() throws Exception {
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send(ASK);
      StreamHandler model = takeAsked();
      model.onResponse(answer(Float.NaN), false);
      assertThat(client.read().text()).contains("NaN");
      assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
      model.onResponse(answer(1), true);
    }
  }

  @Test
  void stopsTheModelWhenTheClientGoes() throws Exception {
    StreamHandler model;
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send(ASK);
      model = takeAsked();
      model.onResponse(answer(1), false);
      client.readWithoutBody();
    }
    assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    model.onResponse(answer(2), false);
    model.onResponse(answer(3), true);
  }

  @Test
  void stopsTheModelWhenTheClientDoesNotRead() throws Exception {
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send(ASK);
      StreamHandler model = takeAsked();
      float[] many = new float[100_000];
      int answers = 0;
      while (cancelled.getCount() > 0 && answers < 1000) { // sockets hold some megabytes
        model.onResponse(answer(many), false);
        answers++;
      }
      assertThat(answers).isLessThan(1000);
      model.onResponse(answer(many), true);
      client.readWithoutBody();
      String last = "";
      for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
        last = chunk;
      }
      assertThat(last).startsWith("data: {\"error\":").contains("reads slower");
    }
  }

  @Test
  void endsTheConnectionOfAClientThatKnowsNoChunks() throws Exception {
    try (RawClient client = new RawClient(front.address().getPort())) {
      client.send("POST /stream HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}");
      StreamHandler model = takeAsked();
      model.onResponse(answer(1), true);
      RawClient.Response head = client.readWithoutBody();
      assertThat(head.headers()).doesNotContainKey("transfer-encoding");
      assertThat(client.readToEnd()).isEqualTo(event("1.0"));
    }
  }
}
