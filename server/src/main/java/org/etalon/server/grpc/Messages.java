package org.etalon.server.grpc;

import java.util.List;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.InferBatchStatistics;
import org.etalon.protocol.proto.InferResponseStatistics;
import org.etalon.protocol.proto.InferStatistics;
import org.etalon.protocol.proto.ModelMetadataResponse;
import org.etalon.protocol.proto.ModelStatistics;
import org.etalon.protocol.proto.RepositoryIndexResponse.ModelIndex;
import org.etalon.protocol.proto.StatisticDuration;
import org.etalon.protocol.proto.SystemSharedMemoryStatusResponse;
import org.etalon.server.memory.SharedRegions;

/** The engine's words as messages of the protocol. */
final class Messages {
  private static final StatisticDuration NONE = StatisticDuration.getDefaultInstance();

  private Messages() {}

  static SystemSharedMemoryStatusResponse.RegionStatus region(SharedRegions.Region region) {
    return SystemSharedMemoryStatusResponse.RegionStatus.newBuilder()
        .setName(region.name())
        .setKey(region.key())
        .setOffset(region.offset())
        .setByteSize(region.byteSize())
        .build();
  }

  static ModelMetadataResponse metadata(ModelMetadata model) {
    return ModelMetadataResponse.newBuilder()
        .setName(model.name())
        .setPlatform(model.platform())
        .addAllVersions(model.versions().stream().map(String::valueOf).toList())
        .addAllInputs(tensors(model.inputs()))
        .addAllOutputs(tensors(model.outputs()))
        .build();
  }

  private static List<ModelMetadataResponse.TensorMetadata> tensors(List<TensorMetadata> tensors) {
    return tensors.stream()
        .map(tensor ->
            ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(tensor.name())
                .setDatatype(tensor.datatype().name())
                .addAllShape(tensor.shape())
                .build())
        .toList();
  }

  /** A model that was never loaded has nothing but its name. */
  static ModelIndex index(ModelIndexEntry entry) {
    ModelIndex.Builder message = ModelIndex.newBuilder().setName(entry.model());
    if (entry.state() != ModelIndexEntry.State.UNKNOWN) {
      message.setState(entry.state().name()).setReason(entry.reason());
    }
    entry.version().ifPresent(version -> message.setVersion(Long.toString(version)));
    return message.build();
  }

  static ModelStatistics statistics(org.etalon.engine.status.ModelStatistics model) {
    ModelStatistics.Builder message = ModelStatistics.newBuilder();
    for (int i = 0; i < model.responses().size(); i++) {
      message.putResponseStats(Integer.toString(i), response(model.responses().get(i)));
    }
    return message
        .setName(model.model())
        .setVersion(Long.toString(model.version()))
        .setLastInference(model.lastInferenceMillis().orElse(0))
        .setInferenceCount(model.inferenceCount())
        .setExecutionCount(model.executionCount())
        .setInferenceStats(inference(model))
        .addAllBatchStats(model.batches().stream().map(Messages::batch).toList())
        .build();
  }

  private static InferStatistics inference(org.etalon.engine.status.ModelStatistics model) {
    return InferStatistics.newBuilder()
        .setSuccess(duration(model.success()))
        .setFail(duration(model.fail()))
        .setQueue(duration(model.queue()))
        .setComputeInput(duration(model.computeInput()))
        .setComputeInfer(duration(model.computeInfer()))
        .setComputeOutput(duration(model.computeOutput()))
        .setCacheHit(model.cache().map(use -> duration(use.hits())).orElse(NONE))
        .setCacheMiss(model.cache().map(use -> duration(use.misses())).orElse(NONE))
        .build();
  }

  private static InferResponseStatistics response(
      org.etalon.engine.status.ModelStatistics.Response response) {
    return InferResponseStatistics.newBuilder()
        .setComputeInfer(duration(response.computeInfer()))
        .setComputeOutput(StatisticDuration.getDefaultInstance())
        .setSuccess(duration(response.success()))
        .setFail(duration(response.fail()))
        .setEmptyResponse(StatisticDuration.getDefaultInstance())
        .setCancel(duration(response.cancel()))
        .build();
  }

  private static InferBatchStatistics batch(
      org.etalon.engine.status.ModelStatistics.BatchSize batch) {
    return InferBatchStatistics.newBuilder()
        .setBatchSize(batch.rows())
        .setComputeInput(duration(batch.computeInput()))
        .setComputeInfer(duration(batch.computeInfer()))
        .setComputeOutput(duration(batch.computeOutput()))
        .build();
  }

  private static StatisticDuration duration(org.etalon.engine.status.ModelStatistics.Total total) {
    return StatisticDuration.newBuilder().setCount(total.count()).setNs(total.nanos()).build();
  }
}
