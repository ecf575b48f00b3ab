package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Makes the sessions of one version of a model.
 *
 * @param computeCapabilityFiles files for CUDA devices by compute capability, such as {@code 9.0}
 * @param label with the file for all other devices
 */
record SessionSource(
    OrtRuntime runtime,
    ModelLabel label,
    Map<String, Path> computeCapabilityFiles,
    SessionSettings settings,
    Accelerators accelerators) {
  SessionSource {
    computeCapabilityFiles = Map.copyOf(computeCapabilityFiles);
  }

  /**
   * @throws ServingException INVALID_ARGUMENT if a file is not there or a setting is not known
   */
  static SessionSource of(
      OrtRuntime runtime, ModelFiles files, ModelConfig config, String defaultFilename) {
    String filename =
        config.getDefaultModelFilename().isEmpty()
            ? defaultFilename
            : config.getDefaultModelFilename();
    ModelLabel label = new ModelLabel(files.model(), files.version(), existing(files, filename));
    Map<String, Path> byCapability =
        config.getCcModelFilenamesMap().entrySet().stream()
            .collect(
                Collectors.toMap(Map.Entry::getKey, entry -> existing(files, entry.getValue())));
    return new SessionSource(
        runtime,
        label,
        byCapability,
        SessionSettings.of(config, label),
        Accelerators.of(config, runtime.providers(), label));
  }

  private static Path existing(ModelFiles files, String filename) {
    Path file = files.file(filename);
    if (Files.isDirectory(file)) { // a model beside the files of its weights
      file = file.resolve(file.getFileName());
    }
    if (!Files.isRegularFile(file)) {
      throw ServingException.invalid(
          "model '%s' version %d: there is no file %s (the directory holds: %s; see default_model_filename)"
              .formatted(files.model(), files.version(), file, listing(files.versionDirectory())));
    }
    return file;
  }

  private static String listing(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .limit(20)
          .collect(Collectors.joining(", "));
    } catch (IOException e) {
      return "cannot be read: " + e;
    }
  }

  /**
   * A session on a device.
   *
   * @throws ServingException INVALID_ARGUMENT if there is no such device or the file cannot be
   *     loaded
   */
  OnnxSession open(Device device) {
    if (!runtime.devices().contains(device)) {
      throw label.invalid(
          "there is no device %s (available: %s)".formatted(device, runtime.devices()));
    }
    ModelLabel chosen = new ModelLabel(label.model(), label.version(), file(device));
    try (SessionOptions options = settings.open()) {
      accelerators.addTo(options, device);
      return OnnxSession.open(runtime, chosen.file(), options);
    } catch (OrtException e) {
      throw chosen.notLoaded(e);
    }
  }

  private Path file(Device device) {
    if (device.kind() == Device.Kind.CPU || computeCapabilityFiles.isEmpty()) {
      return label.file();
    }
    return computeCapabilityFiles.getOrDefault(
        CudaDriver.computeCapability(device.index()), label.file());
  }
}
