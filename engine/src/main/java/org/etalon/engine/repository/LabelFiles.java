package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOutput;

/** The names of classes: a text file in the model's folder, a line each. */
final class LabelFiles {
  private LabelFiles() {}

  /**
   * By the output's name; none for outputs without.
   *
   * @throws ServingException INVALID_ARGUMENT if a file leads out of the model's folder or cannot
   *     be read
   */
  static Map<String, List<String>> read(ModelConfig config, ModelFiles files) {
    Map<String, List<String>> labels = new HashMap<>();
    for (ModelOutput output : config.getOutputList()) {
      if (!output.getLabelFilename().isEmpty()) {
        labels.put(output.getName(), read(output, files.modelDirectory()));
      }
    }
    return labels;
  }

  private static List<String> read(ModelOutput output, Path modelDirectory) {
    Path folder = modelDirectory.normalize();
    Path file = folder.resolve(output.getLabelFilename()).normalize();
    if (!file.startsWith(folder)) {
      throw ServingException.invalid(
          "output '%s': label_filename '%s' leads out of %s"
              .formatted(output.getName(), output.getLabelFilename(), folder));
    }
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT,
          "output '%s': labels cannot be read: %s".formatted(output.getName(), e),
          e);
    }
  }
}
