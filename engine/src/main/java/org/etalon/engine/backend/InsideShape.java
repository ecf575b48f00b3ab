package org.etalon.engine.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.inference.TensorMetadata;
import org.etalon.protocol.proto.BatchOutput;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * The shapes in which a model meets its tensors, where requests see them in others: {@code
 * reshape}, ragged inputs, shape tensors, scattered outputs. The engine goes between the two, so a
 * backend compares its file with these and knows nothing of the others.
 */
public final class InsideShape {
  private InsideShape() {}

  /** All extents, the batch included, {@link TensorMetadata#ANY} where any will do. */
  public static List<Long> of(ModelConfig config, ModelInput input) {
    if (input.getAllowRaggedBatch()) {
      return List.of(TensorMetadata.ANY);
    }
    if (input.getIsShapeTensor()) {
      return shapeTensor(config, input.getDimsList());
    }
    return batched(
        config, input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList());
  }

  /** The same of an output; empty where the model may give it in any shape. */
  public static Optional<List<Long>> of(ModelConfig config, ModelOutput output) {
    if (scattering(config, output.getName()).isPresent()) {
      return Optional.empty();
    }
    if (output.getIsShapeTensor()) {
      return Optional.of(shapeTensor(config, output.getDimsList()));
    }
    return Optional.of(
        batched(
            config,
            output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList()));
  }

  /** The {@code batch_output} that says how an output is shared out among requests, if any does. */
  public static Optional<BatchOutput> scattering(ModelConfig config, String output) {
    return config.getBatchOutputList().stream()
        .filter(scattered -> scattered.getTargetNameList().contains(output))
        .findFirst();
  }

  /** True if the first extent inside the model is the batch. */
  public static boolean hasBatch(ModelConfig config, ModelInput input) {
    return config.getMaxBatchSize() > 0
        && !input.getAllowRaggedBatch()
        && !input.getIsShapeTensor();
  }

  /** The same of an output. */
  public static boolean hasBatch(ModelConfig config, ModelOutput output) {
    return config.getMaxBatchSize() > 0
        && !output.getIsShapeTensor()
        && scattering(config, output.getName()).isEmpty();
  }

  /** A model that batches has the batch as one more value in front of the others. */
  private static List<Long> shapeTensor(ModelConfig config, List<Long> dims) {
    boolean isCounted = dims.size() == 1 && dims.getFirst() != TensorMetadata.ANY;
    return config.getMaxBatchSize() > 0 && isCounted ? List.of(dims.getFirst() + 1) : dims;
  }

  private static List<Long> batched(ModelConfig config, List<Long> dims) {
    if (config.getMaxBatchSize() == 0) {
      return dims;
    }
    List<Long> shape = new ArrayList<>(dims.size() + 1);
    shape.add(TensorMetadata.ANY);
    shape.addAll(dims);
    return shape;
  }
}
