package org.etalon.engine.repository;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOptimizationPolicy.ExecutionAccelerators;

/** Native code that a configuration asks a backend to load from the model's folder. */
final class NativeLibraries {
  /** Options of accelerators that name libraries. */
  private static final List<String> OPTIONS =
      List.of("library", "backend_path", "trt_extra_plugin_lib_paths");

  private NativeLibraries() {}

  /** Their names as configured. */
  static List<String> of(ModelConfig config) {
    List<String> libraries =
        new ArrayList<>(config.getModelOperations().getOpLibraryFilenameList());
    ExecutionAccelerators asked = config.getOptimization().getExecutionAccelerators();
    Stream.concat(
            asked.getCpuExecutionAcceleratorList().stream(),
            asked.getGpuExecutionAcceleratorList().stream())
        .forEach(accelerator ->
            accelerator
                .getParametersMap()
                .forEach((name, value) -> {
                  if (OPTIONS.contains(name)) {
                    libraries.add(value);
                  }
                }));
    return libraries;
  }
}
