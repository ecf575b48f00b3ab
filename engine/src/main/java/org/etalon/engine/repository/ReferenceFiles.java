package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelOutput;

/**
 * Which files of a model's {@code reference} folder belong to which tensor of a version.
 *
 * @param inputs by name of the tensor
 * @param outputs by name of the tensor; empty if there is no reference for the version
 */
record ReferenceFiles(Map<String, Path> inputs, Map<String, Path> outputs) {
  private static final ReferenceFiles NONE = new ReferenceFiles(Map.of(), Map.of());

  /**
   * Looks for {@code input.npy} or {@code input_NAME.npy}, and, the first that is there, {@code
   * output_NAME_vN.npy}, {@code output_NAME.npy}, {@code output_vN.npy}, {@code output.npy}; those
   * without a name stand for the only tensor.
   *
   * @throws ServingException INVALID_ARGUMENT if there is an output but not every input
   */
  static ReferenceFiles of(ModelConfig config, ModelFiles files) throws IOException {
    Path folder = files.modelDirectory().resolve(ModelDirectory.REFERENCE);
    List<String> present = arrays(folder);
    Map<String, Path> outputs = new TreeMap<>();
    boolean isOnlyOutput = config.getOutputCount() == 1;
    for (ModelOutput output : config.getOutputList()) {
      outputNames(output.getName(), files.version(), isOnlyOutput).stream()
          .filter(present::contains)
          .findFirst()
          .ifPresent(name -> outputs.put(output.getName(), folder.resolve(name)));
    }
    return outputs.isEmpty() ? NONE : new ReferenceFiles(inputs(config, folder, present), outputs);
  }

  private static List<String> arrays(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).toList();
    }
  }

  private static List<String> outputNames(String output, long version, boolean isOnly) {
    List<String> names = new ArrayList<>();
    names.add("output_%s_v%d.npy".formatted(output, version));
    names.add("output_%s.npy".formatted(output));
    if (isOnly) {
      names.add("output_v%d.npy".formatted(version));
      names.add("output.npy");
    }
    return names;
  }

  /**
   * The inputs among the files of a folder.
   *
   * @throws ServingException INVALID_ARGUMENT if one is missing
   */
  static Map<String, Path> inputs(ModelConfig config, Path folder, List<String> present) {
    boolean isOnlyInput = config.getInputCount() == 1;
    Map<String, Path> inputs = new TreeMap<>();
    for (ModelInput input : config.getInputList()) {
      String named = "input_%s.npy".formatted(input.getName());
      Optional<String> file =
          Stream.of(named, "input.npy")
              .filter(name -> isOnlyInput || name.equals(named))
              .filter(present::contains)
              .findFirst();
      if (file.isPresent()) {
        inputs.put(input.getName(), folder.resolve(file.get()));
      } else if (!input.getOptional()) {
        throw ServingException.invalid(
            "reference: no %s for input '%s' in %s (there: %s)"
                .formatted(named, input.getName(), folder, present.stream().sorted().toList()));
      }
    }
    return inputs;
  }
}
