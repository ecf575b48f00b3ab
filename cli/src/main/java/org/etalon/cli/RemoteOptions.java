package org.etalon.cli;

import java.net.URI;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which running server is meant. */
final class RemoteOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--url",
      paramLabel = "grpc://HOST:PORT",
      description = "The server (default: ${DEFAULT-VALUE}).")
  private String url = "grpc://127.0.0.1:8001";

  /** The server's machine. */
  String host() {
    String host = URI.create(url).getHost();
    return host == null ? "127.0.0.1" : host;
  }

  EtalonClient open() {
    return EtalonClient.open(WrongUsage.unlessAccepted(command, () -> ClientConfig.of(url)));
  }
}
