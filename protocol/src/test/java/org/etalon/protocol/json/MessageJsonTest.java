package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import org.etalon.protocol.proto.DataType;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelDynamicBatching;
import org.etalon.protocol.proto.ModelInput;
import org.etalon.protocol.proto.ModelInstanceGroup;
import org.etalon.protocol.proto.ModelParameter;
import org.etalon.protocol.proto.ModelQueuePolicy;
import org.etalon.protocol.proto.ModelVersionPolicy;
import org.junit.jupiter.api.Test;

final class MessageJsonTest {
  private static final ModelConfig CONFIG =
      ModelConfig.newBuilder()
          .setName("bbh")
          .setMaxBatchSize(8)
          .setVersionPolicy(
              ModelVersionPolicy.newBuilder()
                  .setLatest(ModelVersionPolicy.Latest.newBuilder().setNumVersions(1)))
          .addInput(
              ModelInput.newBuilder()
                  .setName("x")
                  .setDataType(DataType.TYPE_FP32)
                  .addDims(-1)
                  .addDims(1L << 40))
          .addInstanceGroup(
              ModelInstanceGroup.newBuilder().setKind(ModelInstanceGroup.Kind.KIND_CPU).setCount(2))
          .setDynamicBatching(
              ModelDynamicBatching.newBuilder()
                  .setPriorityLevels(-1)
                  .putPriorityQueuePolicy(
                      -2, ModelQueuePolicy.newBuilder().setMaxQueueSize(-1).build()))
          .putParameters("tolerance", ModelParameter.newBuilder().setStringValue("1e-4").build())
          .build();

  @Test
  void writesFieldsByTheirNamesWithNumbersAsNumbers() {
    assertThat(json(CONFIG))
        .contains(
            "\"max_batch_size\":8", "\"data_type\":\"TYPE_FP32\"", "\"dims\":[-1,1099511627776]")
        .contains("\"version_policy\":{\"latest\":{\"num_versions\":1}}", "\"kind\":\"KIND_CPU\"")
        .contains("\"priority_levels\":18446744073709551615", "\"18446744073709551614\":{")
        .contains("\"max_queue_size\":4294967295", "\"tolerance\":{\"string_value\":\"1e-4\"}")
        .contains("\"platform\":\"\"", "\"output\":[]", "\"cc_model_filenames\":{}")
        .contains("\"format\":\"FORMAT_NONE\"")
        .doesNotContain("sequence_batching", "optimization", "\"reshape\"");
  }

  @Test
  void writesWhatProtobufItselfReadsBack() throws Exception {
    var read = ModelConfig.newBuilder();
    JsonFormat.parser().merge(json(CONFIG), read);
    assertThat(read.build()).isEqualTo(CONFIG);
  }

  @Test
  void writesTheSameFieldsAsProtobufItself() throws Exception {
    String expected =
        JsonFormat.printer()
            .preservingProtoFieldNames()
            .includingDefaultValueFields()
            .omittingInsignificantWhitespace()
            .print(CONFIG);
    assertThat(withoutQuotesOrOrder(json(CONFIG))).isEqualTo(withoutQuotesOrOrder(expected));
  }

  /** Protobuf quotes 64-bit integers and sorts otherwise; the characters are the same. */
  private static String withoutQuotesOrOrder(String json) {
    return json.replace("\"", "")
        .chars()
        .sorted()
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static String json(ModelConfig config) {
    return new String(MessageJson.of(config), StandardCharsets.UTF_8);
  }
}
