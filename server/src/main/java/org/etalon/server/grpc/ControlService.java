package org.etalon.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.etalon.engine.Engine;
import org.etalon.engine.request.LoadOverride;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.CudaSharedMemoryRegisterRequest;
import org.etalon.protocol.proto.CudaSharedMemoryRegisterResponse;
import org.etalon.protocol.proto.CudaSharedMemoryStatusRequest;
import org.etalon.protocol.proto.CudaSharedMemoryStatusResponse;
import org.etalon.protocol.proto.CudaSharedMemoryUnregisterRequest;
import org.etalon.protocol.proto.CudaSharedMemoryUnregisterResponse;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.LogSettingsRequest;
import org.etalon.protocol.proto.LogSettingsResponse;
import org.etalon.protocol.proto.ModelConfigRequest;
import org.etalon.protocol.proto.ModelConfigResponse;
import org.etalon.protocol.proto.ModelMetadataRequest;
import org.etalon.protocol.proto.ModelMetadataResponse;
import org.etalon.protocol.proto.ModelReadyRequest;
import org.etalon.protocol.proto.ModelReadyResponse;
import org.etalon.protocol.proto.ModelRepositoryParameter;
import org.etalon.protocol.proto.ModelStatisticsRequest;
import org.etalon.protocol.proto.ModelStatisticsResponse;
import org.etalon.protocol.proto.RepositoryIndexRequest;
import org.etalon.protocol.proto.RepositoryIndexResponse;
import org.etalon.protocol.proto.RepositoryModelLoadRequest;
import org.etalon.protocol.proto.RepositoryModelLoadResponse;
import org.etalon.protocol.proto.RepositoryModelUnloadRequest;
import org.etalon.protocol.proto.RepositoryModelUnloadResponse;
import org.etalon.protocol.proto.ServerLiveRequest;
import org.etalon.protocol.proto.ServerLiveResponse;
import org.etalon.protocol.proto.ServerMetadataRequest;
import org.etalon.protocol.proto.ServerMetadataResponse;
import org.etalon.protocol.proto.ServerReadyRequest;
import org.etalon.protocol.proto.ServerReadyResponse;
import org.etalon.protocol.proto.SystemSharedMemoryRegisterRequest;
import org.etalon.protocol.proto.SystemSharedMemoryRegisterResponse;
import org.etalon.protocol.proto.SystemSharedMemoryStatusRequest;
import org.etalon.protocol.proto.SystemSharedMemoryStatusResponse;
import org.etalon.protocol.proto.SystemSharedMemoryUnregisterRequest;
import org.etalon.protocol.proto.SystemSharedMemoryUnregisterResponse;
import org.etalon.protocol.proto.TraceSettingRequest;
import org.etalon.protocol.proto.TraceSettingResponse;
import org.etalon.protocol.wire.ModelVersionText;
import org.etalon.server.internal.LoadParameters;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.Tracing;

/**
 * All methods of the protocol but the two that infer. Thread-safe.
 *
 * <p>They run on threads of their own, since a repository may be slow; those not written here
 * answer UNIMPLEMENTED with their name.
 */
final class ControlService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private static final String WITH_DEPENDENTS = "unload_dependents";

  private final Engine engine;
  private final ServerIdentity identity;
  private final SharedRegions regions;
  private final Observation observation;
  private final BooleanSupplier isReady;
  private final Executor executor;

  /**
   * @param isReady whether the server takes requests
   * @param executor whose tasks may block
   */
  ControlService(
      Engine engine,
      ServerIdentity identity,
      SharedRegions regions,
      Observation observation,
      BooleanSupplier isReady,
      Executor executor) {
    this.regions = regions;
    this.observation = observation;
    this.engine = engine;
    this.identity = identity;
    this.isReady = isReady;
    this.executor = executor;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> answer) {
    answer(answer, () -> ServerLiveResponse.newBuilder().setLive(engine.isLive()).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> answer) {
    answer(answer, () -> ServerReadyResponse.newBuilder().setReady(isReady.getAsBoolean()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> answer) {
    answer(answer, () -> ModelReadyResponse.newBuilder().setReady(isModelReady(request)).build());
  }

  private boolean isModelReady(ModelReadyRequest request) {
    try {
      return isReady.getAsBoolean()
          && engine.isReady(modelId(request.getName(), request.getVersion()));
    } catch (ServingException e) {
      return false;
    }
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> answer) {
    answer(
        answer,
        () ->
            ServerMetadataResponse.newBuilder()
                .setName(identity.name())
                .setVersion(identity.version())
                .addAllExtensions(identity.extensions())
                .build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> answer) {
    answer(
        answer,
        () -> Messages.metadata(engine.metadata(modelId(request.getName(), request.getVersion()))));
  }

  @Override
  public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> answer) {
    answer(
        answer,
        () ->
            ModelConfigResponse.newBuilder()
                .setConfig(engine.config(modelId(request.getName(), request.getVersion())))
                .build());
  }

  @Override
  public void modelStatistics(
      ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> answer) {
    answer(answer, () -> statistics(request));
  }

  private ModelStatisticsResponse statistics(ModelStatisticsRequest request) {
    Optional<String> model = Optional.of(request.getName()).filter(name -> !name.isEmpty());
    ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
    engine
        .statistics(model, ModelVersionText.parse(request.getVersion()))
        .forEach(version -> response.addModelStats(Messages.statistics(version)));
    return response.build();
  }

  @Override
  public void repositoryIndex(
      RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> answer) {
    answer(answer, () -> index(request));
  }

  private RepositoryIndexResponse index(RepositoryIndexRequest request) {
    refuseRepositoryName(request.getRepositoryName());
    RepositoryIndexResponse.Builder response = RepositoryIndexResponse.newBuilder();
    for (ModelIndexEntry entry : engine.index()) {
      if (!request.getReady() || entry.state() == ModelIndexEntry.State.READY) {
        response.addModels(Messages.index(entry));
      }
    }
    return response.build();
  }

  @Override
  public void repositoryModelLoad(
      RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> answer) {
    answer(answer, () -> load(request));
  }

  /** Waits until the model is ready, on a thread that may. */
  private RepositoryModelLoadResponse load(RepositoryModelLoadRequest request) {
    refuseRepositoryName(request.getRepositoryName());
    Map<String, String> texts = new HashMap<>();
    Map<String, byte[]> files = new HashMap<>();
    request
        .getParametersMap()
        .forEach((key, value) -> {
          if (LoadParameters.isFile(key)) {
            files.put(key, value.getBytesParam().toByteArray());
          } else {
            texts.put(key, value.getStringParam());
          }
        });
    String model = request.getModelName();
    Optional<LoadOverride> override = LoadParameters.override(model, texts, files);
    (override.isPresent() ? engine.load(model, override.get()) : engine.load(model)).join();
    return RepositoryModelLoadResponse.getDefaultInstance();
  }

  @Override
  public void repositoryModelUnload(
      RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> answer) {
    answer(answer, () -> unload(request));
  }

  private RepositoryModelUnloadResponse unload(RepositoryModelUnloadRequest request) {
    refuseRepositoryName(request.getRepositoryName());
    engine.unload(request.getModelName(), isWithDependents(request.getParametersMap()));
    return RepositoryModelUnloadResponse.getDefaultInstance();
  }

  @Override
  public void systemSharedMemoryStatus(
      SystemSharedMemoryStatusRequest request,
      StreamObserver<SystemSharedMemoryStatusResponse> answer) {
    answer(
        answer,
        () -> {
          var response = SystemSharedMemoryStatusResponse.newBuilder();
          for (SharedRegions.Region region : regions.status(named(request.getName()))) {
            response.putRegions(region.name(), Messages.region(region));
          }
          return response.build();
        });
  }

  @Override
  public void systemSharedMemoryRegister(
      SystemSharedMemoryRegisterRequest request,
      StreamObserver<SystemSharedMemoryRegisterResponse> answer) {
    answer(
        answer,
        () -> {
          regions.register(
              new SharedRegions.Region(
                  request.getName(), request.getKey(), request.getOffset(), request.getByteSize()));
          return SystemSharedMemoryRegisterResponse.getDefaultInstance();
        });
  }

  @Override
  public void systemSharedMemoryUnregister(
      SystemSharedMemoryUnregisterRequest request,
      StreamObserver<SystemSharedMemoryUnregisterResponse> answer) {
    answer(
        answer,
        () -> {
          named(request.getName()).ifPresentOrElse(regions::unregister, regions::unregisterAll);
          return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
        });
  }

  @Override
  public void cudaSharedMemoryStatus(
      CudaSharedMemoryStatusRequest request,
      StreamObserver<CudaSharedMemoryStatusResponse> answer) {
    answer(answer, CudaSharedMemoryStatusResponse::getDefaultInstance);
  }

  @Override
  public void cudaSharedMemoryRegister(
      CudaSharedMemoryRegisterRequest request,
      StreamObserver<CudaSharedMemoryRegisterResponse> answer) {
    answer(
        answer,
        () -> {
          throw SharedRegions.noGpu(request.getName());
        });
  }

  @Override
  public void cudaSharedMemoryUnregister(
      CudaSharedMemoryUnregisterRequest request,
      StreamObserver<CudaSharedMemoryUnregisterResponse> answer) {
    answer(answer, CudaSharedMemoryUnregisterResponse::getDefaultInstance);
  }

  @Override
  public void logSettings(LogSettingsRequest request, StreamObserver<LogSettingsResponse> answer) {
    answer(
        answer,
        () -> SettingsMessages.log(observation.log().change(SettingsMessages.changes(request))));
  }

  @Override
  public void traceSetting(
      TraceSettingRequest request, StreamObserver<TraceSettingResponse> answer) {
    answer(answer, () -> trace(request));
  }

  /** A request without settings asks for all of them. */
  private TraceSettingResponse trace(TraceSettingRequest request) {
    Map<String, List<String>> changes = SettingsMessages.changes(request);
    Tracing tracing = observation.tracing();
    String model = request.getModelName();
    if (model.isEmpty()) {
      return SettingsMessages.trace(tracing.change(changes));
    }
    Observation.requireKnown(engine, model);
    return SettingsMessages.trace(tracing.change(model, changes));
  }

  private static Optional<String> named(String name) {
    return Optional.of(name).filter(given -> !given.isEmpty());
  }

  private static boolean isWithDependents(Map<String, ModelRepositoryParameter> parameters) {
    boolean isWanted = false;
    for (Map.Entry<String, ModelRepositoryParameter> parameter : parameters.entrySet()) {
      if (!parameter.getKey().equals(WITH_DEPENDENTS) || !parameter.getValue().hasBoolParam()) {
        throw ServingException.invalid(
            "unload parameter '%s' (expected: '%s', a bool)"
                .formatted(parameter.getKey(), WITH_DEPENDENTS));
      }
      isWanted = parameter.getValue().getBoolParam();
    }
    return isWanted;
  }

  private static void refuseRepositoryName(String name) {
    if (!name.isEmpty()) {
      throw new ServingException(
          ErrorCode.UNIMPLEMENTED,
          "repository_name '%s' (expected: none, since repositories are not told apart)"
              .formatted(name));
    }
  }

  private static ModelId modelId(String name, String version) {
    if (name.isEmpty()) {
      throw ServingException.invalid("model name cannot be empty");
    }
    return new ModelId(name, ModelVersionText.parse(version));
  }

  private <T> void answer(StreamObserver<T> answer, Supplier<T> work) {
    // Without a handler an answer to a client that has gone would throw.
    ((ServerCallStreamObserver<T>) answer).setOnCancelHandler(() -> {});
    executor.execute(() -> {
      T message;
      try {
        message = work.get();
      } catch (RuntimeException e) {
        answer.onError(status(e).asRuntimeException());
        return;
      }
      answer.onNext(message);
      answer.onCompleted();
    });
  }

  private static Status status(RuntimeException error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof ServingException refused
        ? GrpcStatuses.of(refused)
        : Status.INTERNAL.withDescription(GrpcStatuses.clip(cause.toString())).withCause(cause);
  }
}
