package org.etalon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.etalon.inference.ServingException;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.security.AccessControl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The way of bytes, with endpoints that echo, fail or wait; what an engine answers is elsewhere.
 */
final class HttpFrontTest {
  private static final int MAX_BODY_BYTES = 300_000;

  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final BlockingQueue<Exchange> held = new LinkedBlockingQueue<>();
  private final CountDownLatch clientGone = new CountDownLatch(1);
  private HttpFront front = start(Duration.ofMinutes(1));

  private HttpFront start(Duration idleTimeout) {
    var config =
        new HttpConfig(
            "127.0.0.1",
            0,
            1,
            MAX_BODY_BYTES,
            4096,
            idleTimeout,
            4,
            64,
            Optional.empty(),
            ForwardedHeaders.none());
    var router =
        new Router(
            List.of(
                Route.post("echo", (exchange, _) -> exchange.answer(echo(exchange))),
                Route.slowPost("slow", (exchange, _) -> exchange.answer(echo(exchange))),
                Route.getOrPost("hold", (exchange, _) -> hold(exchange)),
                Route.get(
                    "model/{model}",
                    (exchange, path) ->
                        exchange.answer(
                            Answer.json(path.modelName().getBytes(StandardCharsets.UTF_8)))),
                Route.get(
                    "invalid",
                    (_, _) -> {
                      throw ServingException.invalid("not so");
                    }),
                Route.get(
                    "broken",
                    (_, _) -> {
                      throw new IllegalStateException("a bug");
                    })),
            AccessControl.open());
    try {
      return HttpFront.start(config, router, memory);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Answer echo(Exchange exchange) {
    return Answer.json(exchange.body().toArray(ValueLayout.JAVA_BYTE));
  }

  private void hold(Exchange exchange) {
    exchange.onClientGone(clientGone::countDown);
    held.add(exchange);
  }

  @BeforeEach
  void watchForLeaks() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @AfterEach
  void givesAllMemoryBack() {
    front.close();
    // Slow requests run on threads of their own, which may outlive the front by a moment.
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (memory.metric().usedDirectMemory() > 0 && System.nanoTime() < patience) {
      Thread.onSpinWait();
    }
    assertThat(memory.metric().usedDirectMemory()).isZero();
    assertThat(memory.metric().usedHeapMemory()).isZero();
  }

  private RawClient connect() throws IOException {
    return new RawClient(front.address().getPort());
  }

  private static String post(String path, String headers, String body) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: x\r\n"
        + headers
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  private Exchange takeHeld() throws InterruptedException {
    Exchange exchange = held.poll(20, TimeUnit.SECONDS);
    if (exchange == null) {
      throw new IllegalStateException("no request came");
    }
    return exchange;
  }

  @Test
  void answersPipelinedRequestsInTheirOrder() throws Exception {
    try (RawClient client = connect()) {
      client.send(
          get("/hold") + post("/slow", "", "second") + get("/hold") + post("/echo", "", "x"));
      Exchange first = takeHeld();
      takeHeld().answer(Answer.json("third".getBytes(StandardCharsets.UTF_8)));
      first.answer(Answer.json("first".getBytes(StandardCharsets.UTF_8)));
      assertThat(client.read().text()).isEqualTo("first");
      assertThat(client.read().text()).isEqualTo("second");
      assertThat(client.read().text()).isEqualTo("third");
      assertThat(client.read().text()).isEqualTo("x");
    }
  }

  @Test
  void readsOnWhenMoreArePipelinedThanItTakesAtOnce() throws Exception {
    try (RawClient client = connect()) {
      client.send(post("/echo", "", "a").repeat(100));
      for (int i = 0; i < 100; i++) {
        assertThat(client.read().text()).isEqualTo("a");
      }
    }
  }

  @Test
  void collectsABodyThatComesInPieces() throws Exception {
    String body = "0123456789".repeat(20_000);
    try (RawClient client = connect()) {
      String request = post("/echo", "", body);
      client.send(request.substring(0, 150));
      client.send(request.substring(150));
      assertThat(client.read().text()).isEqualTo(body);
      client.send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      client.send("2\r\nde\r\n0\r\n\r\n");
      assertThat(client.read().text()).isEqualTo("abcde");
    }
  }

  @Test
  void refusesABodyOverTheLimitAndClosesThatConnectionOnly() throws Exception {
    try (RawClient other = connect();
        RawClient announced = connect();
        RawClient chunked = connect()) {
      announced.send("POST /echo HTTP/1.1\r\nContent-Length: 300001\r\n\r\nabc");
      assertThat(announced.read())
          .satisfies(r -> assertThat(r.status()).isEqualTo(413))
          .satisfies(r -> assertThat(r.headers()).containsEntry("connection", "close"))
          .satisfies(r ->
              assertThat(r.text())
                  .isEqualTo(
                      "{\"error\":\"request body: 300001 bytes (expected: at most 300000)\"}"));
      assertThat(announced.isEnded()).isTrue();
      chunked.send(
          "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n493e1\r\n"
              + "x".repeat(300_001));
      assertThat(chunked.read().status()).isEqualTo(413);
      assertThat(chunked.isEnded()).isTrue();
      other.send(post("/echo", "", "still here"));
      assertThat(other.read().text()).isEqualTo("still here");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      })
  void answers400ToWhatIsNotHttpAndClosesTheConnection(String bytes) throws Exception {
    try (RawClient client = connect()) {
      client.send(post("/echo", "", "before") + bytes);
      assertThat(client.read().text()).isEqualTo("before");
      RawClient.Response response = client.read();
      assertThat(response.status()).isEqualTo(400);
      assertThat(response.text()).startsWith("{\"error\":\"");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void refusesHeadersAndRequestLinesThatAreTooLong() throws Exception {
    try (RawClient header = connect();
        RawClient line = connect()) {
      header.send("GET /hold HTTP/1.1\r\nX: " + "y".repeat(5000) + "\r\n\r\n");
      assertThat(header.read().status()).isEqualTo(431);
      line.send("GET /" + "y".repeat(9000) + " HTTP/1.1\r\n\r\n");
      assertThat(line.read().status()).isEqualTo(414);
    }
  }

  @Test
  void inflatesRequestsWithinTheLimit() throws Exception {
    String body = "strain ".repeat(10_000);
    try (RawClient client = connect()) {
      client.send(compressed("gzip", gzip(body)));
      assertThat(client.read().text()).isEqualTo(body);
      client.send(compressed("deflate", deflate(body)));
      assertThat(client.read().text()).isEqualTo(body);
      client.send(compressed("gzip", gzip("x".repeat(MAX_BODY_BYTES + 1))));
      assertThat(client.read())
          .satisfies(r -> assertThat(r.status()).isEqualTo(400))
          .satisfies(r -> assertThat(r.text()).contains("300000 bytes after decompression"));
      client.send(compressed("gzip", new byte[] {1, 2, 3}));
      assertThat(client.read().text()).contains("damaged GZIP");
      client.send(compressed("br", new byte[] {1}));
      assertThat(client.read().status()).isEqualTo(501);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br, gzip;q=0.5", "deflate;q=0, gzip"})
  void compressesTheAnswerForAClientThatAcceptsIt(String accepted) throws Exception {
    try (RawClient client = connect()) {
      String body = "strain ".repeat(10_000);
      client.send(post("/echo", "Accept-Encoding: " + accepted + "\r\n", body));
      RawClient.Response response = client.read();
      assertThat(response.headers()).containsEntry("content-encoding", "gzip");
      try (var in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(body);
      }
    }
  }

  @Test
  void asksForTheBodyOfAClientThatWaits() throws Exception {
    try (RawClient client = connect()) {
      client.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(100);
      client.send("ab");
      assertThat(client.read().text()).isEqualTo("ab");
    }
  }

  @Test
  void answersHeadWithoutABodyAndSaysWhichMethodsAPathTakes() throws Exception {
    try (RawClient client = connect()) {
      client.send("HEAD /model/bbh HTTP/1.1\r\n\r\n");
      assertThat(client.readWithoutBody().headers()).containsEntry("content-length", "3");
      client.send(post("/model/bbh", "", ""));
      assertThat(client.read())
          .satisfies(r -> assertThat(r.status()).isEqualTo(405))
          .satisfies(r -> assertThat(r.headers()).containsEntry("allow", "GET, HEAD"));
      client.send(get("/nowhere"));
      assertThat(client.read().status()).isEqualTo(404);
    }
  }

  @Test
  void decodesPathsAndPassesQueriesOver() throws Exception {
    try (RawClient client = connect()) {
      client.send(get("/model/a%2Fb+%C3%A9/?x=1") + get("http://host/model/m") + get("/model/%zz"));
      assertThat(client.read().text()).isEqualTo("a/b+é");
      assertThat(client.read().text()).isEqualTo("m");
      assertThat(client.read().status()).isEqualTo(400);
    }
  }

  @Test
  void answersForAnEndpointThatThrows() throws Exception {
    try (RawClient client = connect()) {
      client.send(get("/invalid") + get("/broken") + post("/echo", "", "on"));
      assertThat(client.read().text()).isEqualTo("{\"error\":\"not so\"}");
      assertThat(client.read().status()).isEqualTo(500);
      assertThat(client.read().text()).isEqualTo("on");
    }
  }

  @Test
  void closesTheConnectionWhenTheClientAsksForIt() throws Exception {
    try (RawClient close = connect();
        RawClient old = connect()) {
      close.send("GET /model/m HTTP/1.1\r\nConnection: close\r\n\r\n" + get("/hold"));
      assertThat(close.read().text()).isEqualTo("m");
      assertThat(close.isEnded()).isTrue();
      old.send("GET /model/m HTTP/1.0\r\n\r\n");
      assertThat(old.read().text()).isEqualTo("m");
      assertThat(old.isEnded()).isTrue();
    }
    assertThat(held).isEmpty();
  }

  @Test
  void tellsTheEndpointThatItsClientHasGone() throws Exception {
    Exchange exchange;
    try (RawClient client = connect()) {
      client.send(get("/hold"));
      exchange = takeHeld();
    }
    assertThat(clientGone.await(20, TimeUnit.SECONDS)).isTrue();
    exchange.answer(Answer.json(new byte[] {1}));
  }

  @Test
  void closesAConnectionOnWhichNothingMoves() throws Exception {
    front.close();
    front = start(Duration.ofMillis(50));
    try (RawClient client = connect();
        RawClient half = connect()) {
      half.send("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
      assertThat(client.isEnded()).isTrue();
      assertThat(half.isEnded()).isTrue();
    }
  }

  @Test
  void drainsWhenTheLastRequestIsAnswered() throws Exception {
    try (RawClient idle = connect();
        RawClient busy = connect()) {
      idle.send(post("/echo", "", "a"));
      idle.read();
      busy.send(get("/hold"));
      Exchange exchange = takeHeld();
      CompletableFuture<Void> drained = front.drain();
      assertThat(idle.isEnded()).isTrue();
      assertThat(drained).isNotDone();
      exchange.answer(Answer.json("done".getBytes(StandardCharsets.UTF_8)));
      RawClient.Response response = busy.read();
      assertThat(response.text()).isEqualTo("done");
      assertThat(response.headers()).containsEntry("connection", "close");
      busy.endSending();
      assertThat(drained).succeedsWithin(Duration.ofSeconds(20));
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }
  }

  @Test
  void givesTheMemoryOfARequestBackThatIsAnsweredAfterTheEnd() throws Exception {
    try (RawClient client = connect()) {
      client.send(post("/hold", "", "a") + post("/hold", "", "b"));
      Exchange first = takeHeld();
      Exchange second = takeHeld();
      front.close();
      assertThat(memory.metric().usedDirectMemory()).isPositive();
      assertThat(client.isEnded()).isTrue();
      second.answer(Answer.json(new byte[] {1}));
      first.answer(Answer.json(new byte[] {1}));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void outlivesDamagedRequests(int seed) throws Exception {
    var random = new Random(seed);
    byte[] valid =
        (post("/echo", "Expect: 100-continue\r\n", "abc")
                + "POST /slow HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                + post("/echo", "Content-Encoding: gzip\r\nAccept-Encoding: gzip\r\n", "abc"))
            .getBytes(StandardCharsets.ISO_8859_1);
    for (int round = 0; round < 50; round++) {
      byte[] damaged = valid.clone();
      for (int fault = random.nextInt(1, 6); fault > 0; fault--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try (RawClient client = connect()) {
        client.send(Arrays.copyOf(damaged, random.nextInt(1, damaged.length)));
      }
    }
    try (RawClient client = connect()) {
      client.send(post("/echo", "", "alive"));
      assertThat(client.read().text()).isEqualTo("alive");
    }
  }

  @Test
  void saysWhichPortItCannotHave() {
    HttpConfig taken = HttpConfig.of("127.0.0.1", front.address().getPort());
    assertThatThrownBy(
            () -> HttpFront.start(taken, new Router(List.of(), AccessControl.open()), memory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + taken.port());
  }

  private static byte[] compressed(String coding, byte[] body) {
    var out = new ByteArrayOutputStream();
    String head =
        "POST /echo HTTP/1.1\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(coding, body.length);
    out.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    return out.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] deflate(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
