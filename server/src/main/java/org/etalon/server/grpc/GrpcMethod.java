package org.etalon.server.grpc;

import io.netty.handler.codec.http2.Http2Headers;
import org.etalon.server.internal.http2.Http2Stream;

/** What stands behind the path of a call. Thread-safe. */
@FunctionalInterface
interface GrpcMethod {
  /** A call has come, of which nothing but the headers has been read. */
  GrpcCall start(Http2Stream stream, Http2Headers headers, GrpcSettings settings);
}
