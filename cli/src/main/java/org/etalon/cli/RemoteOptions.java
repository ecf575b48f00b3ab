package org.etalon.cli;

import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import picocli.CommandLine.Option;

/** Which running server is meant. */
final class RemoteOptions {
  @Option(
      names = "--url",
      paramLabel = "grpc://HOST:PORT",
      description = "The server (default: ${DEFAULT-VALUE}).")
  private String url = "grpc://127.0.0.1:8001";

  EtalonClient open() {
    return EtalonClient.open(ClientConfig.of(url));
  }
}
