package org.etalon.server;

import java.time.Duration;
import java.util.Optional;
import org.etalon.server.grpc.GrpcConfig;

/**
 * What a server is built from. A front that is absent does not listen.
 *
 * @param exitGrace how long requests in flight may take when the server drains
 */
public record ServerConfig(Optional<GrpcConfig> grpc, Duration exitGrace) {
  public ServerConfig {
    if (exitGrace.isNegative()) {
      throw new IllegalArgumentException("exitGrace: " + exitGrace + " (expected: >= 0)");
    }
  }
}
