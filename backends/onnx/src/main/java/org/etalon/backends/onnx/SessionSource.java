package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;

/**
 * Makes the sessions of one version of a model.
 *
 * @param computeCapabilityFiles files for CUDA devices by compute capability, such as {@code 9.0}
 * @param label with the file for all other devices
 * @param operatorLibraries that bring operators of the model's own
 */
record SessionSource(
    OrtRuntime runtime,
    ModelLabel label,
    Map<String, Path> computeCapabilityFiles,
    SessionSettings settings,
    Accelerators accelerators,
    List<Path> operatorLibraries) {
  SessionSource {
    computeCapabilityFiles = Map.copyOf(computeCapabilityFiles);
    operatorLibraries = List.copyOf(operatorLibraries);
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
        Accelerators.of(config, files, label),
        operatorLibraries(config, files));
  }

  private static List<Path> operatorLibraries(ModelConfig config, ModelFiles files) {
    List<Path> libraries = new ArrayList<>();
    for (String name : config.getModelOperations().getOpLibraryFilenameList()) {
      Path library = files.modelFile(name);
      if (!Files.isRegularFile(library)) {
        throw ServingException.invalid(
            "model '%s': model_operations.op_library_filename: there is no file %s (the directory holds: %s)"
                .formatted(files.model(), library, listing(files.modelDirectory())));
      }
      libraries.add(library.toAbsolutePath());
    }
    return libraries;
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
      for (Path library : operatorLibraries) {
        register(library, options);
      }
      accelerators.addTo(options, device, runtime);
      return OnnxSession.open(runtime, chosen.file(), options);
    } catch (OrtException e) {
      throw chosen.notLoaded(e);
    }
  }

  private void register(Path library, SessionOptions options) {
    try {
      options.registerCustomOpLibrary(library.toString());
    } catch (OrtException e) {
      throw new ServingException(
          ErrorCode.INVALID_ARGUMENT,
          "%s: %s is no library of operators: %s (expected: one that exports RegisterCustomOps)"
              .formatted(label, library, e.getMessage()),
          e);
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
