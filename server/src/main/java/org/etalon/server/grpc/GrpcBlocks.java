package org.etalon.server.grpc;

import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import org.etalon.server.internal.http2.HeaderBlock;

/** The header blocks of calls. */
final class GrpcBlocks {
  private static final String CONTENT_TYPE = "content-type";
  private static final String GRPC = "application/grpc";

  /** Before the first message. */
  static final HeaderBlock HEADERS = HeaderBlock.ofStatus(200).with(CONTENT_TYPE, GRPC).build();

  /** The end of a call that went well. */
  static final HeaderBlock OK = HeaderBlock.trailers().with("grpc-status", "0").build();

  private GrpcBlocks() {}

  /** Headers of a call whose messages are compressed. */
  static HeaderBlock headers(MessageCoding coding) {
    return coding == MessageCoding.IDENTITY
        ? HEADERS
        : HeaderBlock.ofStatus(200)
            .with(CONTENT_TYPE, GRPC)
            .with("grpc-encoding", coding.text())
            .build();
  }

  /** The end of a call. */
  static HeaderBlock trailers(Status status) {
    return status.isOk() ? OK : with(HeaderBlock.trailers(), status).build();
  }

  /** The whole answer of a call without messages. */
  static HeaderBlock trailersOnly(Status status) {
    HeaderBlock.Builder block = HeaderBlock.ofStatus(200).with(CONTENT_TYPE, GRPC);
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      block.with("grpc-accept-encoding", MessageCoding.ACCEPTED);
    }
    return with(block, status).build();
  }

  private static HeaderBlock.Builder with(HeaderBlock.Builder block, Status status) {
    block.with("grpc-status", Integer.toString(status.getCode().value()));
    String message = status.getDescription();
    return message == null ? block : block.with("grpc-message", percentEncoded(message));
  }

  /** Printable ASCII but for the percent sign stays, other bytes of UTF-8 become {@code %XX}. */
  static String percentEncoded(String text) {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
      if (each >= ' ' && each <= '~' && each != '%') {
        encoded.append((char) each);
      } else {
        encoded.append("%%%02X".formatted(each & 0xff));
      }
    }
    return encoded.toString();
  }
}
