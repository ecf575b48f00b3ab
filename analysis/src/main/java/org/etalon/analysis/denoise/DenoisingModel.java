package org.etalon.analysis.denoise;

import java.util.List;
import java.util.OptionalLong;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceService;
import org.etalon.inference.ModelId;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;

/**
 * The network that predicts noise, as far as has to be known of it.
 *
 * @param id with the version that the whole run uses
 * @param platform what runs it
 * @param kernel samples of its input window and its output
 */
record DenoisingModel(ModelId id, String platform, String input, String output, int kernel) {
  /**
   * Asks the service what the model takes, and fixes the version.
   *
   * @throws ServingException if there is no such model, or INVALID_ARGUMENT if it does not turn
   *     FP32 of {@code [batch, channels, kernel]} into {@code [batch, kernel]}
   */
  static DenoisingModel of(InferenceService service, ModelId asked, int channels) {
    ModelMetadata metadata = service.metadata(asked);
    if (metadata.inputs().size() != 1 || metadata.outputs().size() != 1) {
      throw refused(asked, metadata, channels);
    }
    var input = metadata.inputs().getFirst();
    var output = metadata.outputs().getFirst();
    List<Long> dims = input.shape();
    long kernel = dims.isEmpty() ? 0 : dims.getLast();
    boolean fits =
        dims.size() == 3
            && kernel > 0
            && input.datatype() == DataType.FP32
            && output.datatype() == DataType.FP32
            && input.accepts(Shape.of(1, channels, kernel))
            && output.accepts(Shape.of(1, kernel));
    if (!fits) {
      throw refused(asked, metadata, channels);
    }
    OptionalLong version = asked.version();
    if (version.isEmpty() && !metadata.versions().isEmpty()) {
      version = OptionalLong.of(metadata.versions().getLast());
    }
    return new DenoisingModel(
        new ModelId(asked.name(), version),
        metadata.platform(),
        input.name(),
        output.name(),
        Math.toIntExact(kernel));
  }

  private static ServingException refused(ModelId model, ModelMetadata metadata, int channels) {
    return ServingException.invalid(
        "model %s: %s to %s (expected: FP32 [batch, %d witness channels, kernel] to [batch, kernel])"
            .formatted(model, metadata.inputs(), metadata.outputs(), channels));
  }
}
