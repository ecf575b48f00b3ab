package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.etalon.engine.Engine;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferRequest.InferInputTensor;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;

/**
 * A gRPC front over fake models, with a client. Closing it asserts that every buffer received was
 * given back.
 *
 * <p>The models: {@code plus} answers its input plus 1; {@code hold} waits for the backend's
 * release; {@code bad} fails.
 */
final class ServedEngine implements AutoCloseable {
  final FakeBackend backend = new FakeBackend();
  final Engine engine;
  final GrpcFront front;
  final ManagedChannel channel;
  final ScarceMemory memory = new ScarceMemory();

  private ServedEngine(Path folder, GrpcConfig config, AccessControl access) throws IOException {
    String batches = "max_batch_size: 8";
    FakeRepository repository =
        new FakeRepository(folder)
            .model("plus", 1, "add 1")
            .config("plus", batches)
            .model("hold", 1, "add 1", "hold")
            .config("hold", batches)
            .model("bad", 1, "fail")
            .config("bad", batches);
    engine = Engine.start(EngineConfig.of(List.of(repository.folder())), List.of(backend));
    front =
        GrpcFront.start(
            config,
            engine,
            new ServerIdentity("etalon", "1.2.3", List.of("statistics")),
            access,
            new SharedRegions(true),
            Observation.embedded(),
            memory);
    channel = channel(NettyChannelBuilder::usePlaintext);
  }

  /** A client of its own, with these settings. */
  ManagedChannel channel(UnaryOperator<NettyChannelBuilder> settings) {
    return settings
        .apply(NettyChannelBuilder.forAddress(front.address()))
        .maxInboundMessageSize(Integer.MAX_VALUE)
        .build();
  }

  static ServedEngine start(Path folder) throws IOException {
    return start(folder, localhost());
  }

  static ServedEngine start(Path folder, GrpcConfig config) throws IOException {
    return start(folder, config, AccessControl.open());
  }

  static ServedEngine start(Path folder, GrpcConfig config, AccessControl access)
      throws IOException {
    return new ServedEngine(folder.resolve(UUID.randomUUID().toString()), config, access);
  }

  static GrpcConfig localhost() {
    return GrpcConfig.at(InetAddress.getLoopbackAddress().getHostAddress(), 0);
  }

  GRPCInferenceServiceBlockingStub stub() {
    return GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  /** A request of one row. */
  static ModelInferRequest request(String model, String id, float... row) {
    return ModelInferRequest.newBuilder()
        .setModelName(model)
        .setId(id)
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(row.length))
        .addRawInputContents(bytes(row))
        .build();
  }

  static ByteString bytes(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return ByteString.copyFrom(buffer.flip());
  }

  static float[] floats(ModelInferResponse response) {
    ByteBuffer buffer =
        response.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[buffer.remaining() / 4];
    buffer.asFloatBuffer().get(values);
    return values;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    backend.release();
    front.close();
    engine.close();
    assertThat(memory.usedBytes()).as("bytes received and not freed").isZero();
  }
}
