package org.etalon.backends.onnx;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.inference.NearestName;
import org.etalon.protocol.proto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator;

/**
 * The options of an accelerator as ONNX Runtime takes them. Stateless.
 *
 * <p>Those that name files lie in the version's folder: no configuration opens or writes others.
 */
final class ProviderOptions {
  /** Hidden, as whatever the version is made from begins with no dot: see the poller. */
  static final String TENSORRT_CACHE = ".tensorrt";

  private static final Pattern NAMES_FILE =
      Pattern.compile(".*(path|dir|file|filename)s?", Pattern.CASE_INSENSITIVE);

  /** Triton's names for TensorRT's options, where they differ from ONNX Runtime's. */
  private static final Map<String, String> TENSORRT_NAMES =
      Map.of(
          "max_workspace_size_bytes", "trt_max_workspace_size",
          "int8_calibration_table_name", "trt_int8_calibration_table_name",
          "int8_use_native_calibration_table", "trt_int8_use_native_calibration_table");

  private static final List<String> TENSORRT =
      List.of(
          "precision_mode",
          "max_workspace_size_bytes",
          "int8_calibration_table_name",
          "int8_use_native_calibration_table",
          "trt_max_partition_iterations",
          "trt_min_subgraph_size",
          "trt_max_workspace_size",
          "trt_fp16_enable",
          "trt_bf16_enable",
          "trt_int8_enable",
          "trt_int8_calibration_table_name",
          "trt_int8_use_native_calibration_table",
          "trt_dla_enable",
          "trt_dla_core",
          "trt_dump_subgraphs",
          "trt_engine_cache_enable",
          "trt_engine_cache_path",
          "trt_engine_cache_prefix",
          "trt_weight_stripped_engine_enable",
          "trt_onnx_model_folder_path",
          "trt_engine_hw_compatible",
          "trt_ep_context_file_path",
          "trt_ep_context_embed_mode",
          "trt_dump_ep_context_model",
          "trt_context_memory_sharing_enable",
          "trt_layer_norm_fp32_fallback",
          "trt_timing_cache_enable",
          "trt_timing_cache_path",
          "trt_force_timing_cache",
          "trt_detailed_build_log",
          "trt_build_heuristics_enable",
          "trt_cuda_graph_enable",
          "trt_sparsity_enable",
          "trt_builder_optimization_level",
          "trt_auxiliary_streams",
          "trt_tactic_sources",
          "trt_extra_plugin_lib_paths",
          "trt_profile_min_shapes",
          "trt_profile_max_shapes",
          "trt_profile_opt_shapes",
          "trt_force_sequential_engine_build",
          "trt_op_types_to_exclude",
          "trt_preview_features",
          "user_compute_stream");

  private static final List<String> CUDA =
      List.of(
          "gpu_mem_limit",
          "arena_extend_strategy",
          "cudnn_conv_algo_search",
          "do_copy_in_default_stream",
          "cudnn_conv_use_max_workspace",
          "cudnn_conv1d_pad_to_nc1d",
          "enable_cuda_graph",
          "tunable_op_enable",
          "tunable_op_tuning_enable",
          "tunable_op_max_tuning_duration_ms",
          "enable_skip_layer_norm_strict_mode",
          "prefer_nhwc",
          "use_ep_level_unified_stream",
          "use_tf32",
          "fuse_conv_bias",
          "sdpa_kernel");

  /** Numbers that Triton takes for ONNX Runtime's words. */
  private static final Map<String, List<String>> CUDA_WORDS =
      Map.of(
          "arena_extend_strategy", List.of("kNextPowerOfTwo", "kSameAsRequested"),
          "cudnn_conv_algo_search", List.of("EXHAUSTIVE", "HEURISTIC", "DEFAULT"));

  private ProviderOptions() {}

  /**
   * What is given to the provider.
   *
   * @param faults receives what is wrong
   */
  static Map<String, String> of(
      Provider provider, Accelerator accelerator, ModelFiles files, List<String> faults) {
    Map<String, String> given = accelerator.getParametersMap();
    return switch (provider) {
      case CUDA -> cuda(given, faults);
      case TENSORRT -> tensorRt(given, files, faults);
      case OPENVINO, VITISAI, DNNL, XNNPACK, COREML, QNN, WEBGPU, DIRECTML, MIGRAPHX, ROCM, ACL ->
          located(provider.configName(), given, files, faults);
    };
  }

  /** CUDA's options, which a configuration may also have among its {@code parameters}. */
  static Map<String, String> cuda(Map<String, String> given, List<String> faults) {
    Map<String, String> options = new LinkedHashMap<>();
    given.forEach((name, value) -> {
      checkKnown("cuda", name, CUDA, faults);
      List<String> words = CUDA_WORDS.get(name);
      if (words == null) {
        options.put(name, value);
      } else {
        options.put(name, word("cuda: " + name, value, words, faults));
      }
    });
    return options;
  }

  static boolean isCuda(String name) {
    return CUDA.contains(name);
  }

  private static String word(String name, String value, List<String> words, List<String> faults) {
    for (int i = 0; i < words.size(); i++) {
      if (value.equals(Integer.toString(i)) || value.equalsIgnoreCase(words.get(i))) {
        return words.get(i);
      }
    }
    faults.add("%s '%s' (expected: one of %s)".formatted(name, value, words));
    return words.getFirst();
  }

  /** Engines are kept beside the version, as they take minutes to build. */
  private static Map<String, String> tensorRt(
      Map<String, String> given, ModelFiles files, List<String> faults) {
    Map<String, String> options = new LinkedHashMap<>();
    if (Files.isWritable(files.versionDirectory())) {
      options.put("trt_engine_cache_enable", "1");
      options.put(
          "trt_engine_cache_path", files.versionDirectory().resolve(TENSORRT_CACHE).toString());
    }
    given.forEach((name, value) -> {
      checkKnown("tensorrt", name, TENSORRT, faults);
      if (name.equals("precision_mode")) {
        switch (value.toUpperCase(Locale.ROOT)) {
          case "FP32" -> {}
          case "FP16" -> options.put("trt_fp16_enable", "1");
          case "INT8" -> options.put("trt_int8_enable", "1");
          default ->
              faults.add(
                  "tensorrt: precision_mode '%s' (expected: FP32, FP16 or INT8)".formatted(value));
        }
      } else {
        options.put(
            TENSORRT_NAMES.getOrDefault(name, name),
            located("tensorrt", name, value, files, faults));
      }
    });
    return options;
  }

  private static void checkKnown(
      String provider, String name, List<String> known, List<String> faults) {
    if (!known.contains(name)) {
      faults.add(
          "%s: option '%s' is not known (nearest: %s)"
              .formatted(provider, name, NearestName.of(name, known)));
    }
  }

  /** Options with paths made absolute. */
  static Map<String, String> located(
      String provider, Map<String, String> given, ModelFiles files, List<String> faults) {
    Map<String, String> options = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> options.put(name, located(provider, name, value, files, faults)));
    return options;
  }

  /** A bare name of a library is left to the system's search, as {@code libQnnHtp.so}. */
  private static String located(
      String provider, String name, String value, ModelFiles files, List<String> faults) {
    boolean isSystemLibrary = name.equals("backend_path") && Path.of(value).getNameCount() == 1;
    if (!NAMES_FILE.matcher(name).matches() || value.isEmpty() || isSystemLibrary) {
      return value;
    }
    Path folder = files.versionDirectory().toAbsolutePath().normalize();
    Path file = folder.resolve(value).normalize();
    if (!file.startsWith(folder)) {
      faults.add(
          "%s: %s '%s' leads out of the version's folder %s"
              .formatted(provider, name, value, folder));
    }
    return file.toString();
  }
}
