package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.NearestName;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelOptimizationPolicy.ExecutionAccelerators;
import org.etalon.protocol.proto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator;

/**
 * The execution providers that a configuration asks for in {@code
 * optimization.execution_accelerators}, in its order. Immutable.
 *
 * <p>On the processor those of {@code cpu_execution_accelerator} are used; on a CUDA device those
 * of {@code gpu_execution_accelerator}, then CUDA itself. ONNX Runtime's own processor kernels run
 * what none of them takes.
 *
 * <p>A provider that this build does not have comes as a plugin: parameter {@code library} names
 * it, a file in the model's folder, and the others are its options.
 */
final class Accelerators {
  /** The parameter that names a plugin. */
  static final String LIBRARY = "library";

  private final List<Asked> cpu;
  private final List<Asked> gpu;
  private final Map<String, String> cudaOptions;
  private final ModelLabel label;

  private Accelerators(
      List<Asked> cpu, List<Asked> gpu, Map<String, String> cudaOptions, ModelLabel label) {
    this.cpu = List.copyOf(cpu);
    this.gpu = List.copyOf(gpu);
    this.cudaOptions = Map.copyOf(cudaOptions);
    this.label = label;
  }

  /** What a configuration asks for, with its options as ONNX Runtime takes them. */
  private sealed interface Asked {
    record BuiltIn(Provider provider, Map<String, String> options) implements Asked {}

    record Plugin(String name, Path library, Map<String, String> options) implements Asked {}
  }

  /**
   * @throws ServingException INVALID_ARGUMENT with everything that is not known, and the nearest
   *     that is
   */
  static Accelerators of(ModelConfig config, ModelFiles files, ModelLabel label) {
    ExecutionAccelerators asked = config.getOptimization().getExecutionAccelerators();
    List<String> faults = new ArrayList<>();
    List<Asked> cpu = asked(asked.getCpuExecutionAcceleratorList(), files, faults);
    List<Asked> gpu = asked(asked.getGpuExecutionAcceleratorList(), files, faults);
    Map<String, String> parameters = new LinkedHashMap<>();
    config
        .getParametersMap()
        .forEach((name, parameter) -> {
          if (ProviderOptions.isCuda(name)) {
            parameters.put(name, parameter.getStringValue());
          }
        });
    Map<String, String> cuda = ProviderOptions.cuda(parameters, faults);
    if (!faults.isEmpty()) {
      throw label.invalid("optimization.execution_accelerators: " + String.join("; ", faults));
    }
    return new Accelerators(cpu, gpu, cuda, label);
  }

  private static List<Asked> asked(
      List<Accelerator> accelerators, ModelFiles files, List<String> faults) {
    List<Asked> asked = new ArrayList<>();
    for (Accelerator accelerator : accelerators) {
      Optional<Provider> provider = Provider.named(accelerator.getName());
      if (accelerator.containsParameters(LIBRARY)) {
        asked.add(plugin(accelerator, files, faults));
      } else if (provider.isPresent()) {
        asked.add(
            new Asked.BuiltIn(
                provider.get(), ProviderOptions.of(provider.get(), accelerator, files, faults)));
      } else {
        List<String> names = Provider.configNames();
        faults.add(
            "'%s' is not known (expected: %s, or any with a plugin in parameter '%s'; nearest: %s)"
                .formatted(
                    accelerator.getName(),
                    String.join(", ", names),
                    LIBRARY,
                    NearestName.of(accelerator.getName(), names)));
      }
    }
    return asked;
  }

  private static Asked plugin(Accelerator accelerator, ModelFiles files, List<String> faults) {
    Map<String, String> options = new LinkedHashMap<>(accelerator.getParametersMap());
    Path library = files.modelFile(String.valueOf(options.remove(LIBRARY)));
    if (!Files.isRegularFile(library)) {
      faults.add("'%s': there is no library %s".formatted(accelerator.getName(), library));
    }
    return new Asked.Plugin(
        accelerator.getName(),
        library,
        ProviderOptions.located(accelerator.getName(), options, files, faults));
  }

  /**
   * Adds the providers for a device, the one to be asked first in front.
   *
   * @throws ServingException UNAVAILABLE if one is not in this build or cannot be started, with
   *     what it needs
   */
  void addTo(SessionOptions options, Device device, OrtRuntime runtime) {
    switch (device.kind()) {
      case CPU -> cpu.forEach(asked -> add(asked, options, device, runtime));
      case CUDA -> {
        Map<String, String> cuda = new LinkedHashMap<>(cudaOptions);
        for (Asked asked : gpu) {
          if (asked instanceof Asked.BuiltIn(Provider provider, var own)
              && provider == Provider.CUDA) {
            cuda.putAll(own);
          } else {
            add(asked, options, device, runtime);
          }
        }
        add(new Asked.BuiltIn(Provider.CUDA, cuda), options, device, runtime);
      }
    }
  }

  private void add(Asked asked, SessionOptions options, Device device, OrtRuntime runtime) {
    switch (asked) {
      case Asked.BuiltIn(Provider provider, var own) -> {
        requireAvailable(provider, runtime.providers());
        try {
          add(provider, own, options, device, runtime);
        } catch (OrtException e) {
          throw unusable(provider.configName(), provider.needs(), e);
        }
      }
      case Asked.Plugin(String name, Path library, var own) -> {
        try {
          runtime.addPlugin(name, library, own, options);
        } catch (OrtException e) {
          throw unusable(name, "a library made for ONNX Runtime " + runtime.version(), e);
        }
      }
    }
  }

  private void requireAvailable(Provider provider, Set<OrtProvider> available) {
    if (!available.contains(provider.inRuntime())) {
      throw new ServingException(
          ErrorCode.UNAVAILABLE,
          "%s: accelerator '%s' is not in this build of ONNX Runtime (available: %s; it needs %s)"
              .formatted(label, provider.configName(), names(available), provider.needs()));
    }
  }

  private ServingException unusable(String name, String needs, OrtException cause) {
    return new ServingException(
        ErrorCode.UNAVAILABLE,
        "%s: accelerator '%s' cannot be used: %s (it needs %s)"
            .formatted(label, name, cause.getMessage(), needs),
        cause);
  }

  private static String names(Set<OrtProvider> providers) {
    return providers.stream()
        .map(provider -> provider.name().toLowerCase(Locale.ROOT).replace("_", ""))
        .sorted()
        .collect(Collectors.joining(", "));
  }

  private static void add(
      Provider provider,
      Map<String, String> own,
      SessionOptions options,
      Device device,
      OrtRuntime runtime)
      throws OrtException {
    switch (provider) {
      case CUDA -> addCuda(options, device, own);
      case TENSORRT -> addTensorRt(options, device, own);
      case DNNL -> options.addDnnl(isOn(own, "use_arena"));
      case ROCM -> options.addROCM(device.index());
      case ACL -> options.addACL(isOn(own, "enable_fast_math"));
      case OPENVINO, VITISAI, XNNPACK, COREML, QNN, WEBGPU, DIRECTML, MIGRAPHX ->
          runtime.addProvider(provider.genericName(), own, options);
    }
  }

  private static void addCuda(SessionOptions options, Device device, Map<String, String> own)
      throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
      for (var option : own.entrySet()) {
        cuda.add(option.getKey(), option.getValue());
      }
      options.addCUDA(cuda);
    }
  }

  private static void addTensorRt(SessionOptions options, Device device, Map<String, String> own)
      throws OrtException {
    try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions(device.index())) {
      for (var option : own.entrySet()) {
        tensorRt.add(option.getKey(), option.getValue());
      }
      options.addTensorrt(tensorRt);
    }
  }

  private static boolean isOn(Map<String, String> options, String name) {
    String value = options.getOrDefault(name, "0");
    return value.equals("1") || value.equalsIgnoreCase("true");
  }
}
