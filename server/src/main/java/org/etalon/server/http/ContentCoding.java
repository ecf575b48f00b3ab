package org.etalon.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;

/** How a body is compressed; {@code deflate} is the zlib format, as RFC 9110 (8.4.1.2) has it. */
enum ContentCoding {
  IDENTITY,
  GZIP,
  DEFLATE;

  private static final int CHUNK_BYTES = 16 << 10;

  /**
   * How a request's body is compressed.
   *
   * @throws ServingException UNIMPLEMENTED for a coding not known here
   */
  static ContentCoding ofRequest(HttpHeaders headers) {
    String name = headers.get(HttpHeaderNames.CONTENT_ENCODING);
    if (name == null) {
      return IDENTITY;
    }
    return named(name)
        .orElseThrow(() ->
            new ServingException(
                ErrorCode.UNIMPLEMENTED,
                "Content-Encoding: %s (expected: gzip, deflate or identity)".formatted(name)));
  }

  /** The first coding that a client accepts and we know; a quality of 0 excludes. */
  static ContentCoding accepted(HttpHeaders headers) {
    String accepted = headers.get(HttpHeaderNames.ACCEPT_ENCODING);
    if (accepted == null) {
      return IDENTITY;
    }
    for (String item : accepted.split(",")) {
      String[] parts = item.split(";");
      boolean isExcluded = parts.length > 1 && parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      Optional<ContentCoding> coding = named(parts[0]);
      if (!isExcluded && coding.isPresent()) {
        return coding.get();
      }
    }
    return IDENTITY;
  }

  private static Optional<ContentCoding> named(String name) {
    return switch (name.strip().toLowerCase(Locale.ROOT)) {
      case "gzip", "x-gzip" -> Optional.of(GZIP);
      case "deflate" -> Optional.of(DEFLATE);
      case "identity", "" -> Optional.of(IDENTITY);
      default -> Optional.empty();
    };
  }

  /**
   * The bytes that {@code compressed} stands for; it stays the caller's.
   *
   * @throws ServingException INVALID_ARGUMENT if it is damaged or longer than {@code maxBytes}
   */
  ByteBuf inflate(ByteBuf compressed, int maxBytes, ByteBufAllocator allocator) {
    ByteBuf plain =
        allocator.directBuffer((int) Math.min(maxBytes, 4L * compressed.readableBytes()));
    boolean isWhole = false;
    try (InputStream in = inflater(new ByteBufInputStream(compressed.duplicate()))) {
      while (plain.writeBytes(in, CHUNK_BYTES) > 0) {
        if (plain.readableBytes() > maxBytes) {
          throw ServingException.invalid(
              "request body: more than %d bytes after decompression (expected: at most that)"
                  .formatted(maxBytes));
        }
      }
      isWhole = true;
      return plain;
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT,
          "request body: damaged %s data: %s".formatted(this, e.getMessage()),
          e);
    } finally {
      if (!isWhole) {
        plain.release();
      }
    }
  }

  private InputStream inflater(InputStream in) throws IOException {
    return switch (this) {
      case IDENTITY -> in;
      case GZIP -> new GZIPInputStream(in);
      case DEFLATE -> new InflaterInputStream(in);
    };
  }

  /** The same response with its body compressed, unless it is already; owns the one given. */
  FullHttpResponse compress(FullHttpResponse response, ByteBufAllocator allocator) {
    ByteBuf plain = response.content();
    if (this == IDENTITY
        || !plain.isReadable()
        || response.headers().contains(HttpHeaderNames.CONTENT_ENCODING)) {
      return response;
    }
    ByteBuf body = allocator.directBuffer();
    try {
      try (OutputStream out = deflater(new ByteBufOutputStream(body))) {
        plain.readBytes(out, plain.readableBytes());
      }
      FullHttpResponse compressed = response.replace(body);
      compressed.headers().set(HttpHeaderNames.CONTENT_ENCODING, name().toLowerCase(Locale.ROOT));
      compressed.headers().set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING);
      return compressed;
    } catch (IOException e) {
      body.release();
      throw new IllegalStateException("writing into memory failed", e);
    } finally {
      response.release();
    }
  }

  private OutputStream deflater(OutputStream out) throws IOException {
    return switch (this) {
      case IDENTITY -> out;
      case GZIP -> new GZIPOutputStream(out);
      case DEFLATE -> new DeflaterOutputStream(out);
    };
  }
}
