package org.etalon.analysis.dataset;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.etalon.inference.ModelId;

/**
 * A data set to run through a model.
 *
 * @param model the model
 * @param inputs a file for each input, {@code .npy}, {@code .npz} or HDF5; the empty name stands
 *     for the model's inputs that no other entry names
 * @param outputs a file for each output wanted, {@code .npy}, {@code .npz} or HDF5; the empty name
 *     stands for the outputs that no other entry names
 * @param batchSize rows of one request; the last one may have fewer
 * @param maxInFlight requests under way at once
 * @param mayReplace true if output files that exist are replaced
 */
public record DatasetConfig(
    ModelId model,
    Map<String, Path> inputs,
    Map<String, Path> outputs,
    int batchSize,
    int maxInFlight,
    boolean mayReplace) {
  public DatasetConfig {
    inputs = new LinkedHashMap<>(inputs);
    outputs = new LinkedHashMap<>(outputs);
    require(!inputs.isEmpty(), "inputs: none (expected: at least one file)");
    require(!outputs.isEmpty(), "outputs: none (expected: at least one file)");
    require(batchSize >= 1, "batchSize: " + batchSize + " (expected: >= 1)");
    require(maxInFlight >= 1, "maxInFlight: " + maxInFlight + " (expected: >= 1)");
  }

  private static void require(boolean isTrue, String otherwise) {
    if (!isTrue) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
