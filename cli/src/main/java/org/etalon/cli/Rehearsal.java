package org.etalon.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.etalon.engine.Engine;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;

/**
 * Starts the service on free loopback ports, asks for its health and each model once, and stops.
 * Asked without our client: what is loaded here is loaded again at every start, needed or not.
 */
final class Rehearsal {
  private static final byte[] IS_READY =
      """
      GET /v2/health/ready HTTP/1.1\r
      host: rehearsal\r
      connection: close\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);

  private Rehearsal() {}

  static int run(Path repository) throws IOException {
    ServerConfig ports = ServerConfig.at("127.0.0.1", 0, 0, 0, Duration.ofSeconds(5));
    EngineConfig config = EngineConfig.of(List.of(repository));
    List<Backend> backends = Engine.installedBackends();
    backends.forEach(Backend::prepare);
    try (Engine engine = Engine.start(config, backends);
        EtalonServer server = EtalonServer.start(ports, engine)) {
      requireReady(server.ports().http().orElseThrow());
      for (var entry : engine.index()) {
        ModelId model = ModelId.of(entry.model());
        if (!engine.isDecoupled(model)) {
          ask(engine, engine.metadata(model));
        }
      }
    }
    return 0;
  }

  private static void requireReady(int httpPort) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), httpPort)) {
      socket.getOutputStream().write(IS_READY);
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.US_ASCII);
      if (!text.startsWith("HTTP/1.1 200")) {
        throw new IOException("the service is not ready: " + text);
      }
    }
  }

  private static void ask(Engine engine, ModelMetadata model) {
    InferenceRequest.Builder request = InferenceRequest.to(ModelId.of(model.name()));
    for (var input : model.inputs()) {
      long[] dims = input.shape().stream().mapToLong(dim -> Math.max(1, dim)).toArray();
      if (input.datatype() == DataType.FP32) {
        Shape shape = Shape.of(dims);
        request.input(Tensor.of(input.name(), shape, new float[(int) shape.elementCount()]));
      }
    }
    engine.infer(request.build()).join().close();
  }
}
