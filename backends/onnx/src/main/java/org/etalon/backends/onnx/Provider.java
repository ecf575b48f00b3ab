package org.etalon.backends.onnx;

import ai.onnxruntime.OrtProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The execution providers of ONNX Runtime that a configuration may name. */
enum Provider {
  CUDA(
      OrtProvider.CUDA,
      "",
      "NVIDIA's driver, CUDA 12 and cuDNN 9, and com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime"),
  TENSORRT(
      OrtProvider.TENSOR_RT,
      "",
      "NVIDIA's driver, CUDA 12, cuDNN 9 and TensorRT 10, and com.microsoft.onnxruntime:onnxruntime_gpu in place of onnxruntime"),
  OPENVINO(OrtProvider.OPEN_VINO, "OpenVINO", "Intel OpenVINO, and " + build("--use_openvino")),
  VITISAI(OrtProvider.VITIS_AI, "VitisAI", "AMD Vitis AI, and " + build("--use_vitisai")),
  DNNL(OrtProvider.DNNL, "", build("--use_dnnl")),
  XNNPACK(OrtProvider.XNNPACK, "XNNPACK", build("--use_xnnpack")),
  COREML(OrtProvider.CORE_ML, "CoreML", "a Mac: the CoreML provider is in ONNX Runtime for macOS"),
  QNN(
      OrtProvider.QNN,
      "QNN",
      "Qualcomm's AI Engine Direct, and com.microsoft.onnxruntime:onnxruntime-qnn in place of onnxruntime"),
  WEBGPU(OrtProvider.WEBGPU, "WebGPU", build("--use_webgpu")),
  DIRECTML(OrtProvider.DIRECT_ML, "DML", "Windows, and " + build("--use_dml")),
  MIGRAPHX(OrtProvider.MI_GRAPH_X, "MIGraphX", "AMD ROCm, and " + build("--use_migraphx")),
  ROCM(OrtProvider.ROCM, "", "AMD ROCm, and " + build("--use_rocm")),
  ACL(OrtProvider.ACL, "", "Arm's Compute Library, and " + build("--use_acl"));

  private final OrtProvider inRuntime;
  private final String genericName;
  private final String needs;

  /**
   * @param genericName by which ONNX Runtime's generic call takes it; empty: it has a call of its
   *     own
   * @param needs what is to be installed
   */
  Provider(OrtProvider inRuntime, String genericName, String needs) {
    this.inRuntime = inRuntime;
    this.genericName = genericName;
    this.needs = needs;
  }

  private static String build(String option) {
    return "ONNX Runtime built with "
        + option
        + ", its folder given in -Donnxruntime.native.path=DIRECTORY";
  }

  /** As a configuration names it. */
  String configName() {
    return name().toLowerCase(Locale.ROOT);
  }

  OrtProvider inRuntime() {
    return inRuntime;
  }

  String genericName() {
    return genericName;
  }

  String needs() {
    return needs;
  }

  static Optional<Provider> named(String configName) {
    return Arrays.stream(values()).filter(one -> one.configName().equals(configName)).findFirst();
  }

  static List<String> configNames() {
    return Arrays.stream(values()).map(Provider::configName).toList();
  }
}
