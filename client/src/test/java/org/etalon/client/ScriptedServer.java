package org.etalon.client;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelInferResponse;
import org.etalon.protocol.proto.ModelMetadataRequest;
import org.etalon.protocol.proto.ModelMetadataResponse;
import org.etalon.protocol.proto.RepositoryIndexRequest;
import org.etalon.protocol.proto.RepositoryIndexResponse;
import org.etalon.protocol.proto.RepositoryModelLoadRequest;
import org.etalon.protocol.proto.RepositoryModelLoadResponse;
import org.etalon.protocol.proto.RepositoryModelUnloadRequest;
import org.etalon.protocol.proto.RepositoryModelUnloadResponse;
import org.jspecify.annotations.Nullable;

/** A gRPC server of generated classes alone, on a free port, whose answers a test writes. */
final class ScriptedServer implements AutoCloseable {
  private final BiConsumer<ModelInferRequest, StreamObserver<ModelInferResponse>> script;
  private final Set<String> loaded = new ConcurrentSkipListSet<>();
  private @Nullable Server server;
  private int port;

  private ScriptedServer(BiConsumer<ModelInferRequest, StreamObserver<ModelInferResponse>> script) {
    this.script = script;
  }

  /** A server that is up; the script runs on its event loops and must not block. */
  static ScriptedServer start(
      BiConsumer<ModelInferRequest, StreamObserver<ModelInferResponse>> script) {
    ScriptedServer server = new ScriptedServer(script);
    server.start();
    return server;
  }

  /** Starts on a free port, or on the same again. */
  void start() {
    try {
      server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .directExecutor()
              .addService(new Service())
              .build()
              .start();
      port = server.getPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Resets all connections, as if killed, and returns when the port is free. */
  void kill() {
    if (server != null) {
      server.shutdownNow();
      awaitEnd(server);
    }
  }

  /** Takes no more calls and lets those there are finish. */
  void shutDown() {
    if (server != null) {
      server.shutdown();
    }
  }

  private static void awaitEnd(Server server) {
    try {
      server.awaitTermination(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  String url() {
    return "grpc://127.0.0.1:" + port;
  }

  @Override
  public void close() {
    kill();
  }

  /** Answers with the inputs, named {@code y}. */
  static void echo(ModelInferRequest request, StreamObserver<ModelInferResponse> answer) {
    ModelInferResponse.Builder response =
        ModelInferResponse.newBuilder()
            .setModelName(request.getModelName())
            .setModelVersion("1")
            .setId(request.getId());
    for (ModelInferRequest.InferInputTensor input : request.getInputsList()) {
      response
          .addOutputsBuilder()
          .setName("y")
          .setDatatype(input.getDatatype())
          .addAllShape(input.getShapeList());
    }
    answer.onNext(response.addAllRawOutputContents(request.getRawInputContentsList()).build());
    answer.onCompleted();
  }

  static StatusRuntimeException error(Status status, String text) {
    return status.withDescription(text).asRuntimeException();
  }

  private final class Service extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
      script.accept(request, observer);
    }

    @Override
    public void modelMetadata(
        ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
      if (!request.getName().equals("bbh")) {
        observer.onError(error(Status.NOT_FOUND, "Request for unknown model: 'x' is not found"));
        return;
      }
      ModelMetadataResponse.TensorMetadata.Builder tensor =
          ModelMetadataResponse.TensorMetadata.newBuilder()
              .setName("x")
              .setDatatype("FP32")
              .addShape(-1)
              .addShape(64);
      observer.onNext(
          ModelMetadataResponse.newBuilder()
              .setName("bbh")
              .addVersions("1")
              .addVersions("3")
              .setPlatform("onnxruntime_onnx")
              .addInputs(tensor)
              .addOutputs(tensor.setName("y"))
              .build());
      observer.onCompleted();
    }

    @Override
    public void repositoryIndex(
        RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
      RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
      loaded.forEach(
          model -> index.addModelsBuilder().setName(model).setVersion("3").setState("READY"));
      index.addModelsBuilder().setName("never");
      observer.onNext(index.build());
      observer.onCompleted();
    }

    @Override
    public void repositoryModelLoad(
        RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
      if (request.getModelName().equals("broken")) {
        observer.onError(error(Status.INVALID_ARGUMENT, "load failed for model 'broken'"));
        return;
      }
      loaded.add(request.getModelName());
      observer.onNext(RepositoryModelLoadResponse.getDefaultInstance());
      observer.onCompleted();
    }

    @Override
    public void repositoryModelUnload(
        RepositoryModelUnloadRequest request,
        StreamObserver<RepositoryModelUnloadResponse> observer) {
      if (request.getParametersOrThrow("unload_dependents").getBoolParam()) {
        loaded.clear();
      } else {
        loaded.remove(request.getModelName());
      }
      observer.onNext(RepositoryModelUnloadResponse.getDefaultInstance());
      observer.onCompleted();
    }
  }
}
