package org.etalon.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.etalon.client.ClientConfig;
import org.etalon.client.EtalonClient;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.server.EtalonServer;
import org.etalon.server.ServerConfig;

/** Starts the service on free loopback ports, asks each model once, and stops. */
final class Rehearsal {
  private Rehearsal() {}

  static int run(Path repository) throws IOException {
    ServerConfig ports = ServerConfig.at("127.0.0.1", 0, 0, 0, java.time.Duration.ofSeconds(5));
    EngineConfig config = EngineConfig.of(List.of(repository));
    try (Engine engine = Engine.start(config, Engine.installedBackends());
        EtalonServer server = EtalonServer.start(ports, engine);
        EtalonClient client =
            EtalonClient.open(
                ClientConfig.of("grpc://127.0.0.1:" + server.ports().grpc().orElseThrow()))) {
      for (var entry : engine.index()) {
        ask(client, client.metadata(ModelId.of(entry.model())));
      }
    }
    return 0;
  }

  private static void ask(EtalonClient client, ModelMetadata model) {
    InferenceRequest.Builder request = InferenceRequest.to(ModelId.of(model.name()));
    for (var input : model.inputs()) {
      long[] dims = input.shape().stream().mapToLong(dim -> Math.max(1, dim)).toArray();
      if (input.datatype() == DataType.FP32) {
        Shape shape = Shape.of(dims);
        request.input(Tensor.of(input.name(), shape, new float[(int) shape.elementCount()]));
      }
    }
    client.infer(request.build()).join().close();
  }
}
