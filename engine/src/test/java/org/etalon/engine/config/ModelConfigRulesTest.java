package org.etalon.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.backend.Device;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigRulesTest {
  private static final Device GPU = new Device(Device.Kind.CUDA, 0);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "name: 'other' | 1:1: name: 'other' (expected: the folder's name, 'm')",
        "max_batch_size: -1 | 1:1: max_batch_size: -1 (expected: 0 or more)",
        "input { name: 'a' dims: [2, 0] } | 1:19: input[0].dims: [2, 0] of 'a'",
        "input { dims: [2] } | 1:7: input[0].name: not given",
        "input [{ name: 'a' }, { name: 'a' }] | 1:25: input[1].name: 'a' is the name of input[0]"
            + " too",
        "instance_group { count: -1 } | 1:18: instance_group[0].count: -1",
        "instance_group { kind: KIND_CPU gpus: 0 } | 1:33: instance_group[0].gpus: [0] beside"
            + " KIND_CPU",
        "instance_group { gpus: [0, 0] } | 1:18: instance_group[0].gpus: [0, 0]",
        "instance_group { name: 'a' } instance_group { name: 'a' } | 1:47: instance_group[1].name",
        "version_policy { specific { } } | 1:18: version_policy.specific.versions: []",
        "version_policy { specific { versions: 0 } } | 1:29: version_policy.specific.versions: [0]",
        "max_batch_size: 8 dynamic_batching { preferred_batch_size: [4, 16] } | 1:38:"
            + " dynamic_batching.preferred_batch_size: [4, 16] (expected: each from 1 to"
            + " max_batch_size, which is 8)",
        "dynamic_batching { default_priority_level: 1 } | 1:20:"
            + " dynamic_batching.default_priority_level: 1",
        "dynamic_batching { max_queue_delay_microseconds: 18446744073709551615 } | 1:20:"
            + " dynamic_batching.max_queue_delay_microseconds: 18446744073709551615 us",
        "sequence_batching { control_input { name: 'a' control { int32_false_true: [1] } } } | 1:55:"
            + " sequence_batching.control_input[0].control[0]: CONTROL_SEQUENCE_START: 1 int32",
        "sequence_batching { control_input { name: 'a' control { kind: CONTROL_SEQUENCE_CORRID"
            + " data_type: TYPE_FP32 } } } | 1:87: sequence_batching.control_input[0].control[0]"
            + ".data_type: TYPE_FP32 (expected: TYPE_UINT64",
        "sequence_batching { state { output_name: 'b' data_type: TYPE_FP32 dims: 1 } } | 1:27:"
            + " sequence_batching.state[0].input_name: not given",
        "sequence_batching { state { input_name: 'a' output_name: 'b' data_type: TYPE_FP32 dims: 2"
            + " initial_state { zero_data: true dims: 3 } } } | 1:123:"
            + " sequence_batching.state[0].initial_state[0].dims: [3]",
        "input { name: 'a' } sequence_batching { state { input_name: 'a' output_name: 'b' data_type:"
            + " TYPE_FP32 dims: 1 } } | 1:49: sequence_batching.state[0].input_name: 'a' is an input",
        "sequence_batching { direct { minimum_slot_utilization: 2 } } | 1:30:"
            + " sequence_batching.direct.minimum_slot_utilization: 2.0 (expected: a part",
        "model_warmup { name: 'w' } | 1:14: model_warmup[0].inputs: none",
        "instance_group { passive: true } | 1:1: instance_group: all are passive",
        "instance_group { profile: '1' } | 1:18: instance_group[0].profile: not supported: profiles"
            + " are in TensorRT's engine files",
        "instance_group { secondary_devices { } } | 1:18: instance_group[0].secondary_devices: not"
            + " supported: there is no NVDLA provider",
        "backend: 'onnxruntime' runtime: 'x.so' | 1:24: runtime: 'x.so' is a library of Triton's, which"
            + " is not run here (expected: nothing, or 'libtriton_onnxruntime.so')",
        "model_repository_agents { agents { name: 'virus' } } | 1:36:"
            + " model_repository_agents.agents[0].name: 'virus' is not known (expected: checksum)",
        "model_repository_agents { agents { name: 'checksum' parameters { key: 'MD5:1/a' value: 'x' } }"
            + " } | 1:64: model_repository_agents.agents[0].parameters[\"MD5:1/a\"]: 'x' (expected:"
            + " MD5:FILE",
        "input { name: 'a' dims: [2, 3] reshape { shape: [5] } } | 1:42: input[0].reshape.shape: [5]"
            + " has different size for dims and reshape",
        "input { name: 'a' dims: [2, -1, 3] reshape { shape: [-1, 6] } } | 1:46:"
            + " input[0].reshape.shape: [-1, 6] has different size for dims and reshape",
        "output { name: 'a' dims: [2, -1] reshape { shape: [-1, -1] } } | 1:44:"
            + " output[0].reshape.shape: [-1, -1] has different number of variable-size dimensions",
        "input { name: 'a' dims: [2] allow_ragged_batch: true } | 1:29: input[0].allow_ragged_batch:"
            + " true, but the model does not batch",
        "input { name: 'a' data_type: TYPE_FP32 is_shape_tensor: true } | 1:19: input[0].data_type:"
            + " TYPE_FP32 of a shape tensor",
        "input { name: 'a' data_type: TYPE_INT32 dims: [2, 2] is_shape_tensor: true } | 1:41:"
            + " input[0].dims: [2, 2] of a shape tensor (expected: one extent",
        "input { name: 'a' format: FORMAT_NCHW dims: [3, 224] } | 1:19: input[0].format: FORMAT_NCHW"
            + " with dims [3, 224]: model input NHWC/NCHW require 3 dims",
        "max_batch_size: 2 input { name: 'a' } batch_input { target_name: 'b' data_type: TYPE_INT64"
            + " source_input: 'a' } | 1:70: batch_input[0].data_type: TYPE_INT64 (expected: TYPE_INT32"
            + " or TYPE_FP32)",
        "max_batch_size: 2 input { name: 'a' } batch_input { target_name: 'b' data_type: TYPE_INT32"
            + " source_input: 'c' } | 1:92: batch_input[0].source_input: [c] (expected: one input of"
            + " the configuration, of [a])",
        "max_batch_size: 2 input { name: 'a' } output { name: 'b' } batch_output { target_name: 'c'"
            + " source_input: 'a' } | 1:75: batch_output[0].target_name: [c] (expected: one output",
        "model_warmup { name: 'w' inputs { key: 'a' value { data_type: TYPE_FP32 } } } | 1:33:"
            + " model_warmup[0].inputs[\"a\"]: no data",
      })
  void saysWhatContradictsARuleAndWhere(String text, String fault) {
    assertThat(check(text)).singleElement().asString().startsWith("f:" + fault);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sequence_batching { } model_transaction_policy { decoupled: true }",
      })
  void refusesWhatIsNotSupportedYet(String text) {
    assertThat(check(text)).singleElement().asString().contains("not supported yet");
  }

  @Test
  void reportsWhatCannotBeReadAndWhatContradictsTogetherInTheOrderOfTheFile() {
    assertThat(check("name: 'x'\nmax_batch: 1\nmax_batch_size: -1").stream().map(Object::toString))
        .satisfiesExactly(
            name -> assertThat(name).startsWith("f:1:1: name"),
            unknown -> assertThat(unknown).startsWith("f:2:1: unknown field 'max_batch'"),
            negative -> assertThat(negative).startsWith("f:3:1: max_batch_size: -1"));
  }

  @Test
  void asksForTensorsWithDatatypesOnceTheBackendHasCompletedTheConfiguration() {
    assertThat(completedFaults("input { name: 'a' }").stream().map(Object::toString))
        .satisfiesExactly(
            datatype ->
                assertThat(datatype).startsWith("f:1:7: input[0].data_type: not given for 'a'"),
            outputs -> assertThat(outputs).startsWith("f: output: none"));
  }

  @Test
  void comparesWarmUpsWithTheInputsOfTheCompletedConfiguration() {
    String text =
        """
        max_batch_size: 4
        input { name: 'a' data_type: TYPE_FP32 dims: [2, -1] }
        output { name: 'b' data_type: TYPE_FP32 dims: 1 }
        model_warmup {
          name: 'w' batch_size: 5
          inputs { key: 'c' value { data_type: TYPE_FP32 dims: 1 zero_data: true } }
        }
        model_warmup {
          name: 'v'
          inputs { key: 'a' value { data_type: TYPE_INT8 dims: [3, 7] zero_data: true } }
        }
        """;

    assertThat(completedFaults(text).stream().map(ConfigFault::message))
        .containsExactly(
            "model_warmup[0].batch_size: 5 (expected: at most max_batch_size, which is 4)",
            "model_warmup[0].inputs: 'a' is missing",
            "model_warmup[0].inputs[\"c\"]: 'c' (expected: an input of the model, [a])",
            "model_warmup[1].inputs[\"a\"].data_type: TYPE_INT8 (expected: TYPE_FP32)",
            "model_warmup[1].inputs[\"a\"].dims: [3, 7] (expected: [2, -1])");
  }

  @Test
  void runsOneInstanceOnTheProcessorAndServesTheLatestVersionByDefault() {
    ModelConfig completed = complete("name: 'm'", List.of(Device.CPU, GPU));

    assertThat(completed.getInstanceGroupList())
        .containsExactly(
            ModelInstanceGroup.newBuilder()
                .setName("m_0")
                .setCount(1)
                .setKind(ModelInstanceGroup.Kind.KIND_CPU)
                .build());
    assertThat(completed.getVersionPolicy().getLatest().getNumVersions()).isEqualTo(1);
  }

  @Test
  void namesGroupsAndChoosesTheirDevices() {
    ModelConfig completed =
        complete(
            "name: 'm' instance_group [{ count: 2 }, { kind: KIND_GPU name: 'g' }, { gpus: 0 }]",
            List.of(Device.CPU, GPU));

    assertThat(completed.getInstanceGroupList().stream().map(ModelInstanceGroup::getName))
        .containsExactly("m_0", "g", "m_2");
    assertThat(completed.getInstanceGroupList().stream().map(ModelInstanceGroup::getKind))
        .containsExactly(
            ModelInstanceGroup.Kind.KIND_CPU,
            ModelInstanceGroup.Kind.KIND_GPU,
            ModelInstanceGroup.Kind.KIND_GPU);
    assertThat(completed.getInstanceGroup(1).getGpusList()).containsExactly(0);
  }

  @Test
  void takesTheConfigurationsOfRealModels() throws IOException {
    Path models = Path.of(System.getProperty("etalon.shared", "absent"), "models/repository");
    assumeTrue(Files.isDirectory(models), "needs ../shared/models: trained models");
    for (String model : List.of("bbh", "bbh_tf", "bbh_torch", "coincidence", "single")) {
      ParsedConfig parsed = ModelConfigReader.read(models.resolve(model).resolve("config.pbtxt"));

      assertThat(ModelConfigRules.check(parsed, model)).isEmpty();
      assertThat(ModelConfigRules.checkCompleted(parsed, parsed.config())).isEmpty();
    }
  }

  private static List<ConfigFault> check(String text) {
    return ModelConfigRules.check(ModelConfigReader.parse("f", text), "m");
  }

  private static List<ConfigFault> completedFaults(String text) {
    ParsedConfig parsed = ModelConfigReader.parse("f", text);
    return ModelConfigRules.checkCompleted(parsed, parsed.config());
  }

  private static ModelConfig complete(String text, List<Device> devices) {
    return ModelConfigRules.complete(ModelConfigReader.parse("f", text).config(), devices);
  }
}
