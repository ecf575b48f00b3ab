package org.etalon.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.ModelReadyRequest;
import org.etalon.protocol.proto.ServerReadyRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtalonServerTest {
  private static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();

  @TempDir private Path folder;

  @Test
  void servesAnEngineUntilItHasDrained() throws Exception {
    FakeRepository repository = new FakeRepository(folder).model("plus", 1, "add 1");
    ServerConfig config = ServerConfig.at(HOST, 0, 0, 0, Duration.ofSeconds(30));
    try (Engine engine =
            Engine.start(
                EngineConfig.of(List.of(repository.folder())), List.of(new FakeBackend()));
        EtalonServer server = EtalonServer.start(config, engine)) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(HOST, server.ports().grpc().orElseThrow())
              .usePlaintext()
              .build();
      var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
      assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
      assertThat(stub.modelReady(ModelReadyRequest.newBuilder().setName("plus").build()).getReady())
          .isTrue();
      assertThat(status(server.ports().http(), "/v2/health/ready")).isEqualTo(200);
      assertThat(status(server.ports().metrics(), "/metrics")).isEqualTo(200);
      server.drain().get(30, TimeUnit.SECONDS);
      assertThat(engine.isReady()).isFalse();
      assertThat(status(server.ports().metrics(), "/metrics")).isEqualTo(200);
      channel.shutdownNow();
    }
  }

  @Test
  void hasNoPortOfAFrontThatIsAbsent() throws Exception {
    FakeRepository repository = new FakeRepository(folder).model("plus", 1, "add 1");
    try (Engine engine =
            Engine.start(
                EngineConfig.of(List.of(repository.folder())), List.of(new FakeBackend()));
        EtalonServer server =
            EtalonServer.start(
                new ServerConfig(
                    "etalon",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    true,
                    Duration.ZERO),
                engine)) {
      assertThat(server.ports())
          .isEqualTo(
              new EtalonServer.Ports(
                  OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty()));
    }
  }

  private static int status(OptionalInt port, String path) throws Exception {
    URI address = URI.create("http://%s:%d%s".formatted(HOST, port.orElseThrow(), path));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }
}
