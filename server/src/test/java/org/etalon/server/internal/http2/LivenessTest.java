package org.etalon.server.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LivenessTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();

  @BeforeEach
  void connect() {
    channel.freezeTime();
  }

  @AfterEach
  void disconnect() {
    channel.finishAndReleaseAll();
  }

  static Http2Limits limits(Optional<Duration> maxAge) {
    return new Http2Limits(
        10,
        1000,
        1 << 16,
        1 << 20,
        Duration.ofMinutes(1),
        Duration.ofSeconds(20),
        Duration.ZERO,
        true,
        maxAge,
        Duration.ofSeconds(5));
  }

  private void serve(Optional<Duration> maxAge) {
    Http2Limits limits = limits(maxAge);
    Http2Connection connection =
        new Http2Connection(
            channel,
            limits,
            (stream, headers) -> {
              throw new IllegalStateException("no stream is opened here");
            });
    channel.pipeline().addLast(connection);
    channel.pipeline().fireChannelActive();
  }

  private void greet() {
    ByteBuf greeting = Unpooled.buffer().writeBytes(Http2CodecUtil.connectionPrefaceBuf());
    greeting.writeMedium(0).writeByte(FrameType.SETTINGS).writeByte(0).writeInt(0);
    channel.writeInbound(greeting);
  }

  private void pass(Duration time) {
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** The types of the frames sent since the last call. */
  private List<Integer> sent() {
    List<Integer> types = new ArrayList<>();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      while (out.isReadable()) {
        int length = out.readMedium();
        types.add((int) out.readByte());
        out.skipBytes(5 + length);
      }
      out.release();
    }
    return types;
  }

  @Test
  void closesAConnectionOnWhichNobodySaysThatHeSpeaksHttp2() {
    serve(Optional.empty());
    pass(Duration.ofSeconds(29));
    assertThat(channel.isOpen()).isTrue();
    pass(Duration.ofSeconds(2));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void pingsASilentClientAndLetsGoOfOneThatDoesNotAnswer() {
    serve(Optional.empty());
    greet();
    var _ = sent();
    pass(Duration.ofMinutes(1)); // something was heard meanwhile
    assertThat(sent()).isEmpty();
    pass(Duration.ofMinutes(1));
    assertThat(sent()).containsExactly(FrameType.PING);
    pass(Duration.ofSeconds(20));
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void tellsAnOldConnectionToEndAndThenEndsIt() {
    serve(Optional.of(Duration.ofSeconds(40)));
    greet();
    var _ = sent();
    pass(Duration.ofSeconds(40));
    assertThat(sent()).containsExactly(FrameType.GOAWAY, FrameType.PING);
    pass(Duration.ofSeconds(5));
    assertThat(channel.isOpen()).isFalse();
  }
}
