package org.etalon.streams;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.etalon.client.ClientConfig;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;
import org.jspecify.annotations.Nullable;

/** A server of streaming models that can be killed and comes back at the same address. */
final class StreamServer implements AutoCloseable {
  private static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();

  private final Path repository;
  private int port;
  private @Nullable Engine engine;
  private @Nullable EtalonServer server;

  StreamServer(Path repository) throws IOException {
    this.repository = repository;
    start();
  }

  /** Writes the configuration of a model that has no file. */
  static void model(Path repository, String name, String... parameters) throws IOException {
    StringBuilder config = new StringBuilder("backend: \"streaming\"\n");
    for (String parameter : parameters) {
      String[] pair = parameter.split("=", 2);
      config.append(
          "parameters { key: \"%s\" value: { string_value: \"%s\" } }\n"
              .formatted(pair[0], pair[1]));
    }
    Files.createDirectories(repository.resolve(name).resolve("1"));
    Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
  }

  void start() throws IOException {
    Engine started =
        Engine.start(
            EngineConfig.of(List.of(repository)).withShutdownGrace(Duration.ofSeconds(5)),
            Engine.installedBackends());
    engine = started;
    EtalonServer serving =
        EtalonServer.start(ServerConfig.at(HOST, port, 0, 0, Duration.ofSeconds(5)), started);
    server = serving;
    port = serving.ports().grpc().orElseThrow();
  }

  /** Resets every connection. */
  void kill() {
    EtalonServer serving = server;
    Engine started = engine;
    if (serving != null && started != null) {
      serving.close();
      started.close();
    }
    server = null;
    engine = null;
  }

  /** As at SIGTERM; blocks until all has ended or the grace time is over. */
  void stop() {
    EtalonServer serving = server;
    if (serving != null) {
      serving.drain().join();
    }
    kill();
  }

  /** Requests that a model has answered. */
  long answered(String model) {
    Engine started = engine;
    return started == null
        ? 0
        : started
            .statistics(java.util.Optional.of(model), java.util.OptionalLong.empty())
            .getFirst()
            .success()
            .count();
  }

  ClientConfig client() {
    return ClientConfig.to("grpc://" + HOST + ":" + port).build();
  }

  @Override
  public void close() {
    kill();
  }
}
