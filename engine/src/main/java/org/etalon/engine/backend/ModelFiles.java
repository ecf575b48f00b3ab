package org.etalon.engine.backend;

import java.nio.file.Path;
import org.etalon.inference.ServingException;

/**
 * Where one version of a model lies.
 *
 * @param model the model's name
 * @param version the version's number
 * @param modelDirectory holds {@code config.pbtxt} and the versions
 * @param versionDirectory holds the model's files
 */
public record ModelFiles(String model, long version, Path modelDirectory, Path versionDirectory) {
  /**
   * A file of this version.
   *
   * @throws ServingException INVALID_ARGUMENT if the name leads out of the version's directory
   */
  public Path file(String name) {
    Path file = versionDirectory.resolve(name).normalize();
    if (!file.startsWith(versionDirectory.normalize())) {
      throw ServingException.invalid(
          "model '%s': file name '%s' leads out of the version directory (expected: a name inside %s)"
              .formatted(model, name, versionDirectory));
    }
    return file;
  }

  /**
   * A file that all versions share.
   *
   * @throws ServingException INVALID_ARGUMENT if the name leads out of the model's directory
   */
  public Path modelFile(String name) {
    Path file = modelDirectory.resolve(name).normalize();
    if (!file.startsWith(modelDirectory.normalize())) {
      throw ServingException.invalid(
          "model '%s': file name '%s' leads out of the model directory (expected: a name inside %s)"
              .formatted(model, name, modelDirectory));
    }
    return file;
  }
}
