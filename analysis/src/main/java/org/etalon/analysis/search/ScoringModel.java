package org.etalon.analysis.search;

import java.util.List;
import java.util.OptionalLong;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.TensorMetadata;

/**
 * The model that scores windows, as far as the search has to know it.
 *
 * @param id with the version that the whole search uses
 * @param platform what runs it
 */
record ScoringModel(ModelId id, String platform, String input, String output) {

  /**
   * Asks the service what the model takes, and fixes the version.
   *
   * @throws ServingException if there is no such model, or INVALID_ARGUMENT if it does not turn
   *     {@code [batch, detectors, kernelSize]} of FP32 into one FP32 score a window
   */
  static ScoringModel of(InferenceService service, ModelId asked, SearchSettings settings) {
    ModelMetadata metadata = service.metadata(asked);
    int batch = settings.batchSize();
    require(asked, "input", metadata.inputs(), List.of(Shape.of(batch, 2, settings.kernelSize())));
    require(asked, "output", metadata.outputs(), List.of(Shape.of(batch, 1), Shape.of(batch)));
    OptionalLong version = asked.version();
    if (version.isEmpty() && !metadata.versions().isEmpty()) {
      version = OptionalLong.of(metadata.versions().getLast());
    }
    return new ScoringModel(
        new ModelId(asked.name(), version),
        metadata.platform(),
        metadata.inputs().getFirst().name(),
        metadata.outputs().getFirst().name());
  }

  private static void require(
      ModelId model, String side, List<TensorMetadata> tensors, List<Shape> expected) {
    boolean fits =
        tensors.size() == 1
            && tensors.getFirst().datatype() == DataType.FP32
            && expected.stream().anyMatch(tensors.getFirst()::accepts);
    if (!fits) {
      throw ServingException.invalid(
          "model %s: %s %s (expected: one, FP32, for shape %s)"
              .formatted(model, side, tensors, expected.getFirst()));
    }
  }
}
