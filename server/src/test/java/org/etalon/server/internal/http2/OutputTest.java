package org.etalon.server.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class OutputTest {
  /** Writes half of what it promised. */
  private static final class Broken implements Payload {
    @Override
    public int size() {
      return 8;
    }

    @Override
    public void writeTo(ByteBuf target) {
      target.writeInt(-1);
      throw new IllegalStateException("a bug");
    }
  }

  @Test
  void aPayloadThatCannotBeWrittenLeavesNothingOfItsFrame() {
    var channel = new EmbeddedChannel();
    var output = new Output(channel, new FloodGuard(1, true));
    output.ping(1, false);
    assertThatIllegalStateException().isThrownBy(() -> output.data(stream(channel), new Broken()));
    output.ping(2, false);
    output.flush();
    ByteBuf sent = channel.readOutbound();
    assertThat(sent.readableBytes()).isEqualTo(2 * (FrameType.HEAD_BYTES + 8));
    assertThat(sent.getLong(FrameType.HEAD_BYTES)).isEqualTo(1);
    assertThat(sent.getLong(2 * FrameType.HEAD_BYTES + 8)).isEqualTo(2);
    sent.release();
  }

  private static Http2Stream stream(EmbeddedChannel channel) {
    var connection =
        new Http2Connection(
            channel,
            LivenessTest.limits(Optional.empty()),
            (_, _) -> {
              throw new IllegalStateException("no stream is opened here");
            });
    return new Http2Stream(connection, 1, 1 << 16, 1 << 16);
  }
}
