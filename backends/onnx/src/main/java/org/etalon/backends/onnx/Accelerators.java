package org.etalon.backends.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.etalon.engine.backend.Device;
import org.etalon.inference.NearestName;
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
 */
final class Accelerators {
  private static final String CUDA = "cuda";

  /** Triton's names for TensorRT's options, where they differ from ONNX Runtime's. */
  private static final Map<String, String> TENSORRT_NAMES =
      Map.of(
          "max_workspace_size_bytes", "trt_max_workspace_size",
          "int8_calibration_table_name", "trt_int8_calibration_table_name",
          "int8_use_native_calibration_table", "trt_int8_use_native_calibration_table");

  private final List<Accelerator> cpu;
  private final List<Accelerator> gpu;
  private final ModelLabel label;

  private Accelerators(List<Accelerator> cpu, List<Accelerator> gpu, ModelLabel label) {
    this.cpu = cpu;
    this.gpu = gpu;
    this.label = label;
  }

  /** A provider by its name in a configuration, and how a build that has it is obtained. */
  private enum Known {
    CUDA(OrtProvider.CUDA, "put com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime"),
    TENSORRT(
        OrtProvider.TENSOR_RT,
        "put com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime and install TensorRT"),
    OPENVINO(OrtProvider.OPEN_VINO, build("--use_openvino")),
    DNNL(OrtProvider.DNNL, build("--use_dnnl")),
    XNNPACK(OrtProvider.XNNPACK, build("--use_xnnpack")),
    COREML(OrtProvider.CORE_ML, "run on macOS"),
    QNN(OrtProvider.QNN, "put com.microsoft.onnxruntime:onnxruntime-qnn in place of onnxruntime"),
    WEBGPU(OrtProvider.WEBGPU, build("--use_webgpu")),
    ROCM(OrtProvider.ROCM, build("--use_rocm")),
    ACL(OrtProvider.ACL, build("--use_acl"));

    private final OrtProvider provider;
    private final String remedy;

    Known(OrtProvider provider, String remedy) {
      this.provider = provider;
      this.remedy = remedy;
    }

    private static String build(String option) {
      return "build ONNX Runtime with " + option + " and pass -Donnxruntime.native.path=DIRECTORY";
    }

    String configName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param available the providers of this build
   * @throws org.etalon.inference.ServingException INVALID_ARGUMENT for one that is not known or not
   *     in this build, with those that are and the remedy
   */
  static Accelerators of(ModelConfig config, Set<OrtProvider> available, ModelLabel label) {
    ExecutionAccelerators asked = config.getOptimization().getExecutionAccelerators();
    List<String> faults = new ArrayList<>();
    asked.getCpuExecutionAcceleratorList().forEach(one -> check(one, available, faults));
    asked.getGpuExecutionAcceleratorList().forEach(one -> check(one, available, faults));
    if (!faults.isEmpty()) {
      throw label.invalid("optimization.execution_accelerators: " + String.join("; ", faults));
    }
    return new Accelerators(
        asked.getCpuExecutionAcceleratorList(), asked.getGpuExecutionAcceleratorList(), label);
  }

  private static void check(Accelerator asked, Set<OrtProvider> available, List<String> faults) {
    List<String> names = new ArrayList<>();
    for (Known known : Known.values()) {
      if (known.configName().equals(asked.getName())) {
        if (!available.contains(known.provider)) {
          faults.add(
              "'%s' is not in this build of ONNX Runtime (available: %s; to have it, %s)"
                  .formatted(asked.getName(), names(available), known.remedy));
        }
        return;
      }
      names.add(known.configName());
    }
    faults.add(
        "'%s' is not known (expected: %s; nearest: %s)"
            .formatted(
                asked.getName(), String.join(", ", names), NearestName.of(asked.getName(), names)));
  }

  private static String names(Set<OrtProvider> providers) {
    return providers.stream()
        .map(provider -> provider.name().toLowerCase(Locale.ROOT).replace("_", ""))
        .sorted()
        .collect(Collectors.joining(", "));
  }

  /** Adds the providers for a device, the one to be asked first in front. */
  void addTo(SessionOptions options, Device device) throws OrtException {
    switch (device.kind()) {
      case CPU -> {
        for (Accelerator accelerator : cpu) {
          add(accelerator, options, device);
        }
      }
      case CUDA -> {
        Map<String, String> cudaParameters = Map.of();
        for (Accelerator accelerator : gpu) {
          if (accelerator.getName().equals(CUDA)) {
            cudaParameters = accelerator.getParametersMap();
          } else {
            add(accelerator, options, device);
          }
        }
        addCuda(options, device, cudaParameters);
      }
    }
  }

  private void add(Accelerator accelerator, SessionOptions options, Device device)
      throws OrtException {
    Map<String, String> parameters = accelerator.getParametersMap();
    switch (Known.valueOf(accelerator.getName().toUpperCase(Locale.ROOT))) {
      case CUDA -> addCuda(options, device, parameters);
      case TENSORRT -> addTensorRt(options, device, parameters);
      case OPENVINO -> options.addOpenVINO(parameters.getOrDefault("device_type", "CPU"));
      case DNNL -> options.addDnnl(isOn(parameters, "use_arena"));
      case XNNPACK -> options.addXnnpack(parameters);
      case COREML -> options.addCoreML(parameters);
      case QNN -> options.addQnn(parameters);
      case WEBGPU -> options.addWebGPU(parameters);
      case ROCM -> options.addROCM(device.index());
      case ACL -> options.addACL(isOn(parameters, "enable_fast_math"));
    }
  }

  private static void addCuda(SessionOptions options, Device device, Map<String, String> parameters)
      throws OrtException {
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.index())) {
      for (var parameter : parameters.entrySet()) {
        cuda.add(parameter.getKey(), parameter.getValue());
      }
      options.addCUDA(cuda);
    }
  }

  private void addTensorRt(SessionOptions options, Device device, Map<String, String> parameters)
      throws OrtException {
    try (OrtTensorRTProviderOptions tensorRt = new OrtTensorRTProviderOptions(device.index())) {
      for (var parameter : tensorRtOptions(parameters).entrySet()) {
        tensorRt.add(parameter.getKey(), parameter.getValue());
      }
      options.addTensorrt(tensorRt);
    }
  }

  private Map<String, String> tensorRtOptions(Map<String, String> parameters) {
    Map<String, String> options = new HashMap<>();
    parameters.forEach((name, value) -> {
      if (name.equals("precision_mode")) {
        switch (value) {
          case "FP32" -> {}
          case "FP16" -> options.put("trt_fp16_enable", "1");
          case "INT8" -> options.put("trt_int8_enable", "1");
          default ->
              throw label.invalid(
                  "tensorrt: precision_mode '%s' (expected: FP32, FP16 or INT8)".formatted(value));
        }
      } else {
        options.put(TENSORRT_NAMES.getOrDefault(name, name), value);
      }
    });
    return options;
  }

  private static boolean isOn(Map<String, String> parameters, String name) {
    String value = parameters.getOrDefault(name, "0");
    return value.equals("1") || value.equalsIgnoreCase("true");
  }
}
