package org.etalon.server.internal.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HeaderBlocksTest {
  private final SplittableRandom random = new SplittableRandom(1);
  private final HeaderBlocks blocks = new HeaderBlocks(8192, ByteBufAllocator.DEFAULT);

  /** Another implementation encodes; some of its headers change the table, others do not. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 1})
  void findsWhatTheClientMeantHoweverOftenTheTableChanges(double sensitive) throws Exception {
    SensitivityDetector never = (name, value) -> random.nextDouble() < sensitive;
    var encoder = new DefaultHttp2HeadersEncoder(never);
    for (int i = 0; i < 2000; i++) {
      Http2Headers meant = request();
      ByteBuf encoded = Unpooled.buffer();
      encode(encoder, meant, encoded);
      int length = encoded.readableBytes();
      assertThat(blocks.decode(2 * i + 1, encoded, 0, length)).isEqualTo(meant);
    }
  }

  private static void encode(
      DefaultHttp2HeadersEncoder encoder, Http2Headers headers, ByteBuf target)
      throws Http2Exception {
    encoder.encodeHeaders(1, headers, target);
  }

  private Http2Headers request() {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .path("/service/" + random.nextInt(3))
            .authority("host");
    if (random.nextInt(4) == 0) {
      headers.set("x-long", "y".repeat(random.nextInt(300)));
    }
    return headers;
  }
}
