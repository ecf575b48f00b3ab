package org.etalon.client;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import org.etalon.protocol.proto.InferStatistics;
import org.etalon.protocol.proto.MemoryUsage;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelConfigRequest;
import org.etalon.protocol.proto.ModelMetadataRequest;
import org.etalon.protocol.proto.ModelRepositoryParameter;
import org.etalon.protocol.proto.ModelStatistics;
import org.etalon.protocol.proto.ModelStatisticsRequest;
import org.etalon.protocol.proto.RepositoryIndexRequest;
import org.etalon.protocol.proto.RepositoryIndexResponse.ModelIndex;
import org.etalon.protocol.proto.RepositoryModelLoadRequest;
import org.etalon.protocol.proto.RepositoryModelUnloadRequest;
import org.etalon.protocol.proto.StatisticDuration;

/** The calls that ask about models or change which are served. They block. */
record ControlCalls(Session session) {
  ModelMetadata metadata(ModelId model) {
    ModelMetadataRequest.Builder request = ModelMetadataRequest.newBuilder().setName(model.name());
    model.version().ifPresent(version -> request.setVersion(Long.toString(version)));
    return call(
        "about model '" + model + "'",
        session.config().connectWindow(),
        stub -> MetadataMessage.read(stub.modelMetadata(request.build())));
  }

  /** A model's whole configuration. */
  ModelConfig modelConfig(ModelId model) {
    ModelConfigRequest.Builder request = ModelConfigRequest.newBuilder().setName(model.name());
    model.version().ifPresent(version -> request.setVersion(Long.toString(version)));
    return call(
        "about the configuration of model '" + model + "'",
        session.config().connectWindow(),
        stub -> stub.modelConfig(request.build()).getConfig());
  }

  List<RepositoryEntry> repositoryIndex() {
    return call(
        "about its models",
        session.config().connectWindow(),
        stub ->
            stub
                .repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                .getModelsList()
                .stream()
                .map(ControlCalls::entry)
                .toList());
  }

  private static RepositoryEntry entry(ModelIndex line) {
    OptionalLong version =
        line.getVersion().isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(line.getVersion()));
    return new RepositoryEntry(line.getName(), version, line.getState(), line.getReason());
  }

  /**
   * @param model empty: all
   */
  List<VersionStatistics> statistics(String model) {
    ModelStatisticsRequest request = ModelStatisticsRequest.newBuilder().setName(model).build();
    return call(
        "about statistics",
        session.config().connectWindow(),
        stub ->
            stub.modelStatistics(request).getModelStatsList().stream()
                .map(ControlCalls::statistics)
                .toList());
  }

  private static VersionStatistics statistics(ModelStatistics version) {
    InferStatistics stages = version.getInferenceStats();
    return new VersionStatistics(
        version.getName(),
        Long.parseLong(version.getVersion()),
        version.getInferenceCount(),
        version.getExecutionCount(),
        total(stages.getSuccess()),
        total(stages.getFail()),
        total(stages.getQueue()),
        total(stages.getComputeInput()),
        total(stages.getComputeInfer()),
        total(stages.getComputeOutput()),
        stages.getCacheHit().getCount(),
        stages.getCacheMiss().getCount(),
        version.getMemoryUsageList().stream().mapToLong(MemoryUsage::getByteSize).sum());
  }

  private static VersionStatistics.Total total(StatisticDuration sum) {
    return new VersionStatistics.Total(sum.getCount(), sum.getNs());
  }

  void load(String model) {
    RepositoryModelLoadRequest request =
        RepositoryModelLoadRequest.newBuilder().setModelName(model).build();
    var _ =
        call(
            "to loading model '" + model + "'",
            session.config().requestDeadline(),
            stub -> stub.repositoryModelLoad(request));
  }

  void unload(String model, boolean withDependents) {
    RepositoryModelUnloadRequest request =
        RepositoryModelUnloadRequest.newBuilder()
            .setModelName(model)
            .putParameters(
                "unload_dependents",
                ModelRepositoryParameter.newBuilder().setBoolParam(withDependents).build())
            .build();
    var _ =
        call(
            "to unloading model '" + model + "'",
            session.config().requestDeadline(),
            stub -> stub.repositoryModelUnload(request));
  }

  private <T> T call(
      String subject, Duration deadline, Function<GRPCInferenceServiceBlockingStub, T> call) {
    session.connections().wake();
    try {
      return call.apply(
          GRPCInferenceServiceGrpc.newBlockingStub(session.connections().next())
              .withWaitForReady()
              .withDeadlineAfter(deadline));
    } catch (StatusRuntimeException e) {
      ServingException failure = Failure.exception(e.getStatus());
      if (failure.code() != ErrorCode.DEADLINE_EXCEEDED) {
        throw failure;
      }
      throw new ServingException(
          ErrorCode.UNAVAILABLE,
          "no answer from %s %s within %s ms (expected: a gRPC inference server there); %s"
              .formatted(
                  session.config().url(), subject, deadline.toMillis(), failure.getMessage()),
          e);
    }
  }
}
