package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * An encoded header block, of literals alone (RFC 7541, section 6.2.2), so that it means the same
 * on every connection. Immutable.
 */
public final class HeaderBlock {
  private static final int STATUS_200 = 0x88;
  private static final int LITERAL_STATUS = 0x08;
  private static final int MAX_PREFIX = 127;

  private final byte[] bytes;

  private HeaderBlock(byte[] bytes) {
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes;
  }

  /** The headers of a response. */
  public static Builder ofStatus(int status) {
    Builder builder = new Builder();
    if (status == 200) {
      builder.block.writeByte(STATUS_200);
    } else {
      builder.block.writeByte(LITERAL_STATUS);
      builder.text(Integer.toString(status));
    }
    return builder;
  }

  /** Headers behind the data. */
  public static Builder trailers() {
    return new Builder();
  }

  /** Collects headers. */
  public static final class Builder {
    private final ByteBuf block = Unpooled.buffer();

    private Builder() {}

    /**
     * @param name in lower case
     * @param value of printable ASCII
     */
    public Builder with(String name, String value) {
      block.writeByte(0);
      text(name);
      text(value);
      return this;
    }

    private void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
      if (bytes.length < MAX_PREFIX) {
        block.writeByte(bytes.length);
      } else {
        block.writeByte(MAX_PREFIX);
        int rest = bytes.length - MAX_PREFIX;
        while (rest >= 0x80) {
          block.writeByte((rest & 0x7f) | 0x80);
          rest >>>= 7;
        }
        block.writeByte(rest);
      }
      block.writeBytes(bytes);
    }

    public HeaderBlock build() {
      return new HeaderBlock(ByteBufUtil.getBytes(block));
    }
  }
}
