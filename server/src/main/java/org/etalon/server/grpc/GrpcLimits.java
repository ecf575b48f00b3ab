package org.etalon.server.grpc;

import java.util.ArrayList;
import java.util.List;

/**
 * What one client may take of the gRPC front.
 *
 * @param maxMessageBytes the largest request taken, also after decompression
 * @param maxMetadataBytes the largest set of headers taken with a call
 * @param maxCallsPerConnection calls of one connection at a time
 * @param maxConnections at one time; one more is closed
 * @param streamWindow requests of one stream that may be unanswered before the next is read
 */
public record GrpcLimits(
    int maxMessageBytes,
    int maxMetadataBytes,
    int maxCallsPerConnection,
    int maxConnections,
    int streamWindow) {
  private static final int DEFAULT_MAX_METADATA_BYTES = 64 << 10;
  private static final int DEFAULT_MAX_CALLS = 4096;
  private static final int DEFAULT_MAX_CONNECTIONS = 16_384;
  private static final int DEFAULT_STREAM_WINDOW = 128;

  public GrpcLimits {
    List<String> faults = new ArrayList<>(0);
    requirePositive("maxMessageBytes", maxMessageBytes, faults);
    requirePositive("maxMetadataBytes", maxMetadataBytes, faults);
    requirePositive("maxCallsPerConnection", maxCallsPerConnection, faults);
    requirePositive("maxConnections", maxConnections, faults);
    requirePositive("streamWindow", streamWindow, faults);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  private static void requirePositive(String key, int value, List<String> faults) {
    if (value <= 0) {
      faults.add("gRPC " + key + ": " + value + " (expected: > 0)");
    }
  }

  /** Messages of any size, as Triton takes them. */
  public static GrpcLimits defaults() {
    return new GrpcLimits(
        Integer.MAX_VALUE,
        DEFAULT_MAX_METADATA_BYTES,
        DEFAULT_MAX_CALLS,
        DEFAULT_MAX_CONNECTIONS,
        DEFAULT_STREAM_WINDOW);
  }

  /** These with another bound on the size of requests. */
  public GrpcLimits withMaxMessageBytes(int bytes) {
    return new GrpcLimits(
        bytes, maxMetadataBytes, maxCallsPerConnection, maxConnections, streamWindow);
  }

  /** These with another bound on the calls of a connection. */
  public GrpcLimits withMaxCallsPerConnection(int calls) {
    return new GrpcLimits(maxMessageBytes, maxMetadataBytes, calls, maxConnections, streamWindow);
  }

  /** These with another bound on connections. */
  public GrpcLimits withMaxConnections(int connections) {
    return new GrpcLimits(
        maxMessageBytes, maxMetadataBytes, maxCallsPerConnection, connections, streamWindow);
  }

  /** These with another bound on the unanswered requests of a stream. */
  public GrpcLimits withStreamWindow(int requests) {
    return new GrpcLimits(
        maxMessageBytes, maxMetadataBytes, maxCallsPerConnection, maxConnections, requests);
  }
}
