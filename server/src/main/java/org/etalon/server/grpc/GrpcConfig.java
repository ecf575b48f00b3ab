package org.etalon.server.grpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the gRPC front listens.
 *
 * @param host the address or name of the interface to listen on
 * @param port 0: any that is free
 * @param eventLoops threads that read and write connections; they never run models
 * @param maxMessageBytes the largest request taken
 * @param maxMetadataBytes the largest set of headers taken with a call
 * @param minKeepAlive how often a client may ping at most, also when it has no call
 * @param streamWindow requests of one stream that may be unanswered before the next is read
 */
public record GrpcConfig(
    String host,
    int port,
    int eventLoops,
    int maxMessageBytes,
    int maxMetadataBytes,
    Duration minKeepAlive,
    int streamWindow) {
  private static final int MAX_PORT = 65535;

  public GrpcConfig {
    List<String> faults = new ArrayList<>(0);
    require(port >= 0 && port <= MAX_PORT, "port", port, "0 to 65535", faults);
    require(eventLoops > 0, "eventLoops", eventLoops, "> 0", faults);
    require(maxMessageBytes > 0, "maxMessageBytes", maxMessageBytes, "> 0", faults);
    require(maxMetadataBytes > 0, "maxMetadataBytes", maxMetadataBytes, "> 0", faults);
    require(!minKeepAlive.isNegative(), "minKeepAlive", minKeepAlive, ">= 0", faults);
    require(streamWindow > 0, "streamWindow", streamWindow, "> 0", faults);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  private static void require(
      boolean isMet, String key, Object value, String rule, List<String> faults) {
    if (!isMet) {
      faults.add("gRPC " + key + ": " + value + " (expected: " + rule + ")");
    }
  }

  /** Every other setting at its default: messages of any size, one event loop for four cores. */
  public static GrpcConfig at(String host, int port) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new GrpcConfig(
        host,
        port,
        Math.max(1, cores / 4),
        Integer.MAX_VALUE,
        64 * 1024,
        Duration.ofSeconds(10),
        128);
  }

  /** This with another bound on the size of requests. */
  public GrpcConfig withMaxMessageBytes(int bytes) {
    return new GrpcConfig(
        host, port, eventLoops, bytes, maxMetadataBytes, minKeepAlive, streamWindow);
  }

  /** This with another bound on the unanswered requests of a stream. */
  public GrpcConfig withStreamWindow(int requests) {
    return new GrpcConfig(
        host, port, eventLoops, maxMessageBytes, maxMetadataBytes, minKeepAlive, requests);
  }
}
