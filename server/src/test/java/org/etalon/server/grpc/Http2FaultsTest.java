package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.etalon.server.grpc.RawHttp2.Frame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients do wrong ends at most their own connection, and all memory comes back. */
final class Http2FaultsTest {
  private static final String INFER = "/inference.GRPCInferenceService/ModelInfer";

  @TempDir private Path folder;
  private ServedEngine served;

  @BeforeEach
  void start() throws IOException {
    served = ServedEngine.start(folder);
  }

  /** Also asserts that every buffer was given back. */
  @AfterEach
  void othersAreStillServed() {
    assertThat(served.stub().modelInfer(ServedEngine.request("plus", "7", 1)).getId())
        .isEqualTo("7");
    served.close();
  }

  private RawHttp2 client() throws IOException {
    return new RawHttp2(served.front.address());
  }

  private static void assertCode(Frame frame, Http2Error error) {
    assertThat(frame.error()).isEqualTo((int) error.code());
  }

  @Test
  void answersACallOfPlainFrames() throws Exception {
    try (RawHttp2 client = client()) {
      client.call(1, ServedEngine.request("plus", "", 1));
      assertThat(client.next(RawHttp2.HEADERS).flags()).isEqualTo(RawHttp2.END_HEADERS);
      assertThat(client.next(RawHttp2.DATA).payload()).hasSizeGreaterThan(5);
      assertThat(client.next(RawHttp2.HEADERS).flags())
          .isEqualTo(RawHttp2.END_HEADERS | RawHttp2.END_STREAM);
    }
  }

  @Test
  void endsAConnectionThatIsNotHttp2() throws Exception {
    try (RawHttp2 client = client()) {
      client.send('G', 'E', 'T', new byte[40_000]);
      assertCode(client.next(RawHttp2.GOAWAY), Http2Error.FRAME_SIZE_ERROR);
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void sendsNoMoreThanTheClientHasRoomFor() throws Exception {
    try (RawHttp2 client = new RawHttp2(served.front.address(), 100)) {
      client.call(1, ServedEngine.request("plus", "", new float[1000]));
      assertThat(client.next(RawHttp2.DATA).payload()).hasSize(100);
      client.send(RawHttp2.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 0, 50});
      assertThat(client.next(RawHttp2.DATA).payload()).hasSize(50);
      client.send(RawHttp2.WINDOW_UPDATE, 0, 1, new byte[] {0, 0, 100, 0});
      int rest = 0;
      Frame frame = client.read();
      while (frame.type() == RawHttp2.DATA) {
        rest += frame.payload().length;
        frame = client.read();
      }
      assertThat(rest).isGreaterThan(4000 - 150);
      assertThat(frame.flags() & RawHttp2.END_STREAM).isEqualTo(RawHttp2.END_STREAM);
    }
  }

  @Test
  void letsGoOfAnswersThatAClientDoesNotRead() throws Exception {
    try (RawHttp2 client = new RawHttp2(served.front.address(), 0)) {
      for (int id = 1; id < 60; id += 2) {
        client.call(id, ServedEngine.request("plus", "", new float[3000]));
      }
      var _ = client.next(frame -> frame.type() == RawHttp2.HEADERS && frame.streamId() == 59);
    }
  }

  @Test
  void refusesCallsBeyondTheLimitOfAConnection() throws Exception {
    GrpcConfig config =
        ServedEngine.localhost().withLimits(GrpcLimits.defaults().withMaxCallsPerConnection(1));
    try (ServedEngine one = ServedEngine.start(folder, config);
        RawHttp2 client = new RawHttp2(one.front.address())) {
      client.call(1, ServedEngine.request("hold", "", 1));
      client.call(3, ServedEngine.request("hold", "", 1));
      Frame reset = client.next(RawHttp2.RST_STREAM);
      assertThat(reset.streamId()).isEqualTo(3);
      assertCode(reset, Http2Error.REFUSED_STREAM);
    }
  }

  @Test
  void endsAClientThatOpensStreamsOnlyToResetThem() throws Exception {
    try (RawHttp2 client = client()) {
      byte[] cancel = {0, 0, 0, (byte) Http2Error.CANCEL.code()};
      byte[] headers = RawHttp2.headers(INFER);
      for (int id = 1; id < 2500; id += 2) {
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, id, headers);
        client.send(RawHttp2.RST_STREAM, 0, id, cancel);
      }
      assertCode(client.next(RawHttp2.GOAWAY), Http2Error.ENHANCE_YOUR_CALM);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset"); // sent on after the end
    }
  }

  @Test
  void endsAClientThatPingsAllTheTime() throws Exception {
    try (RawHttp2 client = client()) {
      for (int i = 0; i < 4; i++) {
        client.send(RawHttp2.PING, 0, 0, new byte[8]);
      }
      Frame end = client.next(RawHttp2.GOAWAY);
      assertCode(end, Http2Error.ENHANCE_YOUR_CALM);
      assertThat(new String(end.payload(), 8, end.payload().length - 8, StandardCharsets.US_ASCII))
          .isEqualTo("too_many_pings");
    }
  }

  @Test
  void endsAHeaderBlockWithoutEnd() throws Exception {
    try (RawHttp2 client = client()) {
      client.send(RawHttp2.HEADERS, 0, 1, RawHttp2.headers(INFER));
      for (int i = 0; i < 100; i++) {
        client.send(RawHttp2.CONTINUATION, 0, 1, new byte[0]);
      }
      assertCode(client.next(RawHttp2.GOAWAY), Http2Error.ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void refusesHeadersAboveTheLimit() throws Exception {
    try (RawHttp2 client = client()) {
      byte[] block = RawHttp2.headers(INFER, "x", "y".repeat(80_000));
      int first = 16_384;
      client.send(RawHttp2.HEADERS, 0, 1, Arrays.copyOf(block, first));
      for (int at = first; at < block.length; at += first) {
        int end = Math.min(block.length, at + first);
        int flags = end == block.length ? RawHttp2.END_HEADERS : 0;
        client.send(RawHttp2.CONTINUATION, flags, 1, Arrays.copyOfRange(block, at, end));
      }
      Frame answer =
          client.next(
              frame -> frame.type() == RawHttp2.RST_STREAM || frame.type() == RawHttp2.GOAWAY);
      assertThat(answer.error()).isNotZero();
    }
  }

  @Test
  void saysSoWhereACallEndsWithinItsMessage() throws Exception {
    try (RawHttp2 client = client()) {
      client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, RawHttp2.headers(INFER));
      byte[] whole = RawHttp2.message(ServedEngine.request("plus", "", 1));
      client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, Arrays.copyOf(whole, 20));
      Frame answer = client.next(RawHttp2.HEADERS);
      assertThat(new String(answer.payload(), StandardCharsets.US_ASCII))
          .contains("the call ended within a message");
    }
  }

  @Test
  void answersWhatIsNotGrpcAsHttp() throws Exception {
    try (RawHttp2 client = client()) {
      byte[] headers = RawHttp2.headers(INFER);
      headers[indexOf(headers, "grpc")] = 'G';
      client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, headers);
      Frame answer = client.next(RawHttp2.HEADERS);
      assertThat(new String(answer.payload(), StandardCharsets.US_ASCII)).contains("415");
    }
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.US_ASCII).lastIndexOf(text);
  }

  @Test
  void drainsAClientThatNeverAnswersPings() throws Exception {
    try (RawHttp2 client = client()) {
      client.call(1, ServedEngine.request("hold", "", 1));
      client.send(RawHttp2.PING, 0, 0, new byte[8]);
      var _ = client.next(RawHttp2.PING); // the call before it has been read
      try (ServedEngine other = ServedEngine.start(folder)) {
        assertThat(other.front.drain()).succeedsWithin(Duration.ofSeconds(30));
      }
      served.backend.release();
      assertThat(client.next(RawHttp2.DATA).payload()).isNotEmpty();
    }
  }

  /** Damaged frames: whatever comes of it, nobody else notices. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void survivesDamagedFrames(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] headers = RawHttp2.headers(INFER);
    byte[] message = RawHttp2.message(ServedEngine.request("plus", "7", 1, 2));
    for (int i = 0; i < 40; i++) {
      try (RawHttp2 client = client()) {
        client.send(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 1, damaged(headers, random));
        client.send(
            random.nextInt(11), random.nextInt(256), random.nextInt(3), damaged(message, random));
        client.send(RawHttp2.DATA, RawHttp2.END_STREAM, 1, message);
      } catch (SocketException e) {
        assertThat(e).isNotNull(); // the server has ended it before all was sent
      }
    }
  }

  private static byte[] damaged(byte[] bytes, SplittableRandom random) {
    byte[] damaged = ByteBuffer.wrap(bytes.clone()).array();
    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
    return damaged;
  }
}
