package org.etalon.server.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** How messages are compressed; {@code deflate} is the zlib format. */
enum MessageCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  /** What clients are told that they may send. */
  static final String ACCEPTED = "identity,deflate,gzip";

  private static final int CHUNK_BYTES = 16 << 10;

  /** By its name in {@code grpc-encoding}; none there means identity. */
  static Optional<MessageCoding> named(@Nullable CharSequence name) {
    if (name == null) {
      return Optional.of(IDENTITY);
    }
    return switch (name.toString()) {
      case "identity" -> Optional.of(IDENTITY);
      case "gzip" -> Optional.of(GZIP);
      case "deflate" -> Optional.of(DEFLATE);
      default -> Optional.empty();
    };
  }

  /** The best that a client takes. */
  static MessageCoding accepted(@Nullable CharSequence names) {
    if (names == null) {
      return IDENTITY;
    }
    boolean hasDeflate = false;
    for (String name : names.toString().split(",")) {
      if (name.strip().equals("gzip")) {
        return GZIP;
      }
      hasDeflate |= name.strip().equals("deflate");
    }
    return hasDeflate ? DEFLATE : IDENTITY;
  }

  String text() {
    return this == GZIP ? "gzip" : this == DEFLATE ? "deflate" : "identity";
  }

  /**
   * The message that a compressed one stands for; releases the one given.
   *
   * @throws StatusException with what the call is to be ended with
   */
  ReceivedMessage inflate(ReceivedMessage compressed, int maxBytes, ByteBufAllocator allocator)
      throws StatusException {
    ByteBuf plain = allocator.directBuffer(CHUNK_BYTES);
    boolean isWhole = false;
    ByteBuf source = Unpooled.wrappedBuffer(compressed.memory().asByteBuffer());
    try (InputStream in = inflater(new ByteBufInputStream(source))) {
      while (plain.writeBytes(in, CHUNK_BYTES) >= 0) {
        if (plain.readableBytes() > maxBytes) {
          throw Status.RESOURCE_EXHAUSTED
              .withDescription(
                  "a message above %d bytes after decompression (expected: at most that)"
                      .formatted(maxBytes))
              .asException();
        }
      }
      isWhole = true;
      return ReceivedMessage.of(plain, 0, plain.readableBytes(), false);
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("a damaged message in %s: %s".formatted(text(), e.getMessage()))
          .asException();
    } finally {
      compressed.release();
      if (!isWhole) {
        plain.release();
      }
    }
  }

  private InputStream inflater(InputStream in) throws IOException, StatusException {
    return switch (this) {
      case GZIP -> new GZIPInputStream(in);
      case DEFLATE -> new InflaterInputStream(in);
      case IDENTITY ->
          throw Status.INTERNAL
              .withDescription("a compressed message in a call without grpc-encoding")
              .asException();
    };
  }

  /** Appends the bytes compressed. */
  void deflate(ByteBuf plain, ByteBuf target, int level) {
    try (OutputStream out = deflater(new ByteBufOutputStream(target), level)) {
      plain.readBytes(out, plain.readableBytes());
    } catch (IOException e) {
      throw new IllegalStateException("writing into memory failed", e);
    }
  }

  private OutputStream deflater(OutputStream out, int level) throws IOException {
    return switch (this) {
      case IDENTITY -> out;
      case GZIP -> new LevelledGzip(out, level);
      case DEFLATE -> new LevelledDeflate(out, level);
    };
  }

  /** The JDK's stream does not end a deflater that it was given. */
  private static final class LevelledDeflate extends DeflaterOutputStream {
    LevelledDeflate(OutputStream out, int level) {
      super(out, new Deflater(level), CHUNK_BYTES);
    }

    @Override
    public void close() throws IOException {
      super.close();
      def.end();
    }
  }

  /** The JDK's stream takes no level. */
  private static final class LevelledGzip extends GZIPOutputStream {
    LevelledGzip(OutputStream out, int level) throws IOException {
      super(out, CHUNK_BYTES);
      def.setLevel(level);
    }
  }
}
