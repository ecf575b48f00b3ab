package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelFiles;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.protocol.proto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AcceleratorsTest {
  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static String accelerator(String name, String parameters) {
    return "optimization { execution_accelerators { cpu_execution_accelerator { name: '%s' %s } } }"
        .formatted(name, parameters);
  }

  private static String parameter(String key, String value) {
    return "parameters { key: '%s' value: '%s' } ".formatted(key, value);
  }

  @ParameterizedTest
  @CsvSource({
    "cuda, onnxruntime_gpu",
    "tensorrt, TensorRT 10",
    "openvino, Intel OpenVINO",
    "vitisai, AMD Vitis AI",
    "dnnl, --use_dnnl",
    "xnnpack, --use_xnnpack",
    "coreml, a Mac",
    "qnn, onnxruntime-qnn",
    "webgpu, --use_webgpu",
    "directml, Windows",
    "migraphx, AMD ROCm",
    "rocm, --use_rocm",
    "acl, Compute Library"
  })
  void namesWhatAProviderNeedsThatIsNotThereAndServesOn(String name, String needs) {
    Provider provider = Provider.named(name).orElseThrow();
    assumeTrue(
        !OrtEnvironment.getAvailableProviders().contains(provider.inRuntime()),
        "this build has it");
    BackendModel other = fixture.load("identity", "");
    ModelInstance instance = fixture.instance(other);
    assertThatThrownBy(() -> fixture.load("identity", accelerator(name, "")))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContainingAll(
            "model 'test' version 1",
            "accelerator '" + name + "' is not in this build of ONNX Runtime (available: cpu",
            needs);
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, 2});
    assertThat(fixture.run(other.config(), instance, 1, x).getFirst().toFloats())
        .containsExactly(1, 2);
  }

  @Test
  void refusesAnAcceleratorThatItDoesNotKnowWithTheNearest() {
    assertThatThrownBy(() -> fixture.load("identity", accelerator("tensor_rt", "")))
        .hasMessageContaining("'tensor_rt' is not known")
        .hasMessageContaining("nearest: tensorrt");
  }

  @Test
  void anAcceleratorOfGpusDoesNotConcernAModelOnTheProcessor() {
    BackendModel model =
        fixture.load(
            "identity",
            "optimization { execution_accelerators { gpu_execution_accelerator { name: 'tensorrt' } } }");
    fixture.instance(model);
  }

  @Test
  void theGenericCallTellsWhatTheLibrarySays() throws OrtException {
    OrtRuntime runtime = OrtRuntime.load();
    try (SessionOptions options = new SessionOptions()) {
      assertThatThrownBy(() -> runtime.addProvider("NoSuch", Map.of("a", "b"), options))
          .isInstanceOf(OrtException.class)
          .hasMessageContaining("NoSuch");
    }
  }

  private Map<String, String> options(String name, List<String> faults, String parameters) {
    Accelerator accelerator =
        fixture
            .config(accelerator(name, parameters))
            .getOptimization()
            .getExecutionAccelerators()
            .getCpuExecutionAccelerator(0);
    fixture.put("model.onnx", new byte[1]);
    return ProviderOptions.of(
        Provider.named(name).orElseThrow(), accelerator, fixture.files(), faults);
  }

  private Map<String, String> options(String name, String parameters) {
    List<String> faults = new ArrayList<>();
    Map<String, String> options = options(name, faults, parameters);
    assertThat(faults).isEmpty();
    return options;
  }

  @Test
  void keepsTensorRtsEnginesHiddenInTheVersionsFolder() {
    ModelFiles files = fixture.files();
    assertThat(options("tensorrt", ""))
        .containsEntry("trt_engine_cache_enable", "1")
        .containsEntry(
            "trt_engine_cache_path", files.versionDirectory().resolve(".tensorrt").toString());
    assertThat(options("tensorrt", parameter("trt_engine_cache_path", "engines")))
        .containsEntry(
            "trt_engine_cache_path", files.versionDirectory().resolve("engines").toString());
    assertThat(options("tensorrt", parameter("trt_engine_cache_enable", "0")))
        .containsEntry("trt_engine_cache_enable", "0");
  }

  @Test
  void takesTritonsNamesForTensorRt() {
    assertThat(
            options(
                "tensorrt",
                parameter("precision_mode", "FP16")
                    + parameter("max_workspace_size_bytes", "1073741824")
                    + parameter("int8_calibration_table_name", "table")
                    + parameter("trt_profile_min_shapes", "x:1x64")))
        .containsEntry("trt_fp16_enable", "1")
        .containsEntry("trt_max_workspace_size", "1073741824")
        .containsEntry("trt_int8_calibration_table_name", "table")
        .containsEntry("trt_profile_min_shapes", "x:1x64");
    assertThat(options("tensorrt", parameter("precision_mode", "INT8")))
        .containsEntry("trt_int8_enable", "1");
  }

  @Test
  void takesCudasOptionsByNumberOrName() {
    assertThat(
            options(
                "cuda",
                parameter("arena_extend_strategy", "1")
                    + parameter("cudnn_conv_algo_search", "heuristic")
                    + parameter("gpu_mem_limit", "1000000")
                    + parameter("enable_cuda_graph", "0")))
        .containsEntry("arena_extend_strategy", "kSameAsRequested")
        .containsEntry("cudnn_conv_algo_search", "HEURISTIC")
        .containsEntry("gpu_mem_limit", "1000000");
  }

  @Test
  void leavesTheOptionsOfOthersAsTheyAreButForFiles() {
    Path folder = fixture.files().versionDirectory();
    assertThat(
            options(
                "vitisai",
                parameter("config_file", "vaip_config.json") + parameter("cacheKey", "bbh")))
        .containsEntry("config_file", folder.resolve("vaip_config.json").toString())
        .containsEntry("cacheKey", "bbh");
    assertThat(options("qnn", parameter("backend_path", "libQnnHtp.so")))
        .containsEntry("backend_path", "libQnnHtp.so");
    assertThat(
            options("openvino", parameter("device_type", "GPU") + parameter("num_of_threads", "4")))
        .containsEntry("device_type", "GPU");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tensorrt | precision_mode | FP8 | precision_mode 'FP8' (expected: FP32, FP16 or INT8)",
        "tensorrt | trt_fp16 | 1 | option 'trt_fp16' is not known (nearest: trt_fp16_enable)",
        "tensorrt | trt_engine_cache_path | ../../x | leads out of the version's folder",
        "tensorrt | trt_extra_plugin_lib_paths | /tmp/evil.so | leads out of the version's folder",
        "cuda | gpu_memory_limit | 1 | option 'gpu_memory_limit' is not known (nearest: gpu_mem_limit)",
        "cuda | arena_extend_strategy | 7 | '7' (expected: one of [kNextPowerOfTwo, kSameAsRequested])",
        "openvino | cache_dir | /tmp/cache | leads out of the version's folder",
        "qnn | backend_path | /tmp/evil.so | leads out of the version's folder",
      })
  void refusesOptionsThatAreNotKnownOrLeadElsewhere(
      String name, String key, String value, String fault) {
    List<String> faults = new ArrayList<>();
    options(name, faults, parameter(key, value));
    assertThat(faults).singleElement().asString().contains(fault);
  }

  @Test
  void takesCudasOptionsFromTheParametersTooAndRefusesWrongOnes() {
    String config = "parameters { key: 'cudnn_conv_algo_search' value { string_value: '9' } }";
    assertThatThrownBy(() -> fixture.load("identity", config))
        .hasMessageContaining("cudnn_conv_algo_search '9' (expected: one of [EXHAUSTIVE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plugins/absent.so", "plugins/text.so"})
  void saysWhichPluginCannotBeUsed(String library) throws IOException {
    Files.createDirectory(directory.resolve("plugins"));
    Files.writeString(directory.resolve("plugins/text.so"), "no library");
    assertThatThrownBy(
            () -> fixture.load("identity", accelerator("mine", parameter("library", library))))
        .isInstanceOf(ServingException.class)
        .hasMessageContainingAll("'mine'", library);
  }

  @Test
  void refusesAPluginOutsideTheModelsFolder() {
    assertThatThrownBy(
            () -> fixture.load("identity", accelerator("mine", parameter("library", "../x.so"))))
        .hasMessageContaining("leads out of the model directory");
  }

  @Test
  void refusesADeviceThatIsNotThereWithThoseThatAre() {
    BackendModel model = fixture.load("identity", "");
    assertThatThrownBy(() -> model.newInstance(new Device(Device.Kind.CUDA, 7)))
        .hasMessageContaining("no device cuda:7 (available: [cpu");
  }
}
