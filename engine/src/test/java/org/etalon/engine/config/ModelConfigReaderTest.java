package org.etalon.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.etalon.protocol.proto.ModelConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigReaderTest {
  private static final int CONFIGS_PER_SEED = 40;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsWhatProtobufPrintsAsProtobufReadsIt(long seed) throws Exception {
    RandomConfig configs = new RandomConfig(seed);
    for (int i = 0; i < CONFIGS_PER_SEED; i++) {
      ModelConfig config = configs.next();
      String printed = TextFormat.printer().printToString(config);
      String brief = printed.replace('\n', ' ');
      assertThat(read(printed)).isEqualTo(protobuf(printed)).isEqualTo(config);
      assertThat(read(brief)).isEqualTo(config);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing but a comment",
        "name: 'a' \"b\"\n\t'c'",
        "name: 'it\\'s \\x41\\102\\u00e9\\U0001F600 \\a\\b\\f\\n\\r\\t\\v\\\\\\?'",
        "max_batch_size: 0x1F, platform: \"x\"; backend: 'y'",
        "max_batch_size: 017",
        "max_batch_size: -3",
        "input { dims: 1 dims: [2, 3] dims: -1 } input < name: 'b' >",
        "input: [ { name: 'a' }, < name: 'b' > ] input []",
        "input [ { name: 'a' dims: [ ] } ]",
        "input { data_type: 11 format: FORMAT_NCHW optional: t }",
        "input { optional: 1 } input { optional: False }",
        "parameters { key: 'k' value: { string_value: 'v' } } parameters { value {} }",
        "dynamic_batching { priority_queue_policy { key: 18446744073709551615 value {} } }",
        "dynamic_batching {}",
        "model_metrics { metric_control { histogram_options { buckets: [1, -2.5e-3, .5, 1., 3f,"
            + " inf, -Infinity, nan] } } }",
        "version_policy: { all { } }",
        "sequence_batching { direct { minimum_slot_utilization: 1e-50 } }",
      })
  void readsEveryFormThatProtobufReads(String text) throws Exception {
    assertThat(read(text)).isEqualTo(protobuf(text));
  }

  @Test
  void reportsAllFaultsOfAFileAtOnceWithTheirPlaces() {
    ParsedConfig parsed =
        ModelConfigReader.parse(
            "m/config.pbtxt",
            """
            name: "m"
            max_batchsize: 8
            input [
              { name: "x" data_type: TYPE_FLOAT32 dims: [ 2, 2048 ] },
              { name: y dims: [ 1.5 ] }
            ]
            output { name: "z" dmis: [ 1 ] data_type: TYPE_FP32 }
            max_batch_size: "8"
            """);

    assertThat(parsed.faults().stream().map(ConfigFault::toString))
        .containsExactly(
            "m/config.pbtxt:2:1: unknown field 'max_batchsize' in ModelConfig; did you mean"
                + " 'max_batch_size'?",
            "m/config.pbtxt:4:26: 'data_type' is 'TYPE_FLOAT32' (expected: one of TYPE_INVALID,"
                + " TYPE_BOOL, TYPE_UINT8, TYPE_UINT16, TYPE_UINT32, TYPE_UINT64, TYPE_INT8,"
                + " TYPE_INT16, TYPE_INT32, TYPE_INT64, TYPE_FP16, TYPE_FP32, TYPE_FP64,"
                + " TYPE_STRING, TYPE_BF16); did you mean TYPE_FP32?",
            "m/config.pbtxt:5:11: 'name' is 'y' (expected: a string in quotes)",
            "m/config.pbtxt:5:21: 'dims' is '1.5' (expected: a whole number from"
                + " -9223372036854775808 to 9223372036854775807)",
            "m/config.pbtxt:7:20: unknown field 'dmis' in ModelOutput; did you mean 'dims'?",
            "m/config.pbtxt:8:17: 'max_batch_size' is \"8\" (expected: a whole number from"
                + " -2147483648 to 2147483647); write it without the quotes");
    assertThat(parsed.config().getOutput(0).getName()).isEqualTo("z");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "max_batch_size 8 | 1:16 | ':' expected after 'max_batch_size'",
        "max_batch_size: | 1:16 | 'max_batch_size' has no value",
        "max_batch_size: platform: 'x' | 1:17 | 'max_batch_size' has no value",
        "max_batch_size: 2147483648 | 1:17 | 'max_batch_size' is '2147483648'",
        "max_batch_size: 09 | 1:17 | 'max_batch_size' is '09'",
        "max_batch_size: 8x | 1:17 | 'max_batch_size' is '8x'",
        "max_batch_size: [8] | 1:17 | 'max_batch_size' takes one value, not a list",
        "max_batch_size: {} | 1:17 | 'max_batch_size' is '{'",
        "max_batch_size: 1 max_batch_size: 2 | 1:19 | 'max_batch_size' is given twice, first at"
            + " 1:1",
        "name: 'm | 1:7 | string without its closing '",
        "name: 'a\\qb' | 1:9 | unknown escape '\\q'",
        "name: '\\xff' | 1:7 | the string's escapes do not make UTF-8 text",
        "name: '\\ud800' | 1:8 | escape of half a character",
        "input [ { name: 'a' ] | 1:9 | '{' is not closed before ']' at 1:21",
        "input [ { name: 'a' } output { } | 1:7 | '[' is not closed before 'output' at 1:23",
        "input { name: 'a' | 1:7 | '{' is not closed before the end of the file",
        "input { name: 'a' output { } | 1:7 | '{' is not closed before 'output' at 1:19",
        "input { max_batch_size: 1 } | 1:9 | it belongs to ModelConfig, outside this '{'",
        "input { name: 'a' > | 1:19 | '>' cannot close the '{' opened at 1:7",
        "name: 'a' } | 1:11 | '}' closes nothing that is open",
        "input { dims: [ 1 2 ] } | 1:19 | '2' in the list 'dims' (expected: ',' or ']')",
        "input { dims: [ 1, ] } | 1:20 | ']' where a value of the list 'dims' is expected",
        "input { dims: [ 1, 2 } | 1:15 | '[' is not closed before '}' at 1:22",
        "input: 'a' | 1:8 | 'a' after 'input' (expected: '{')",
        "input { data_type: 'TYPE_FP32' } | 1:20 | write it without the quotes",
        "input { data_type: 99 } | 1:20 | 'data_type' is '99'",
        "input { optional: yes } | 1:19 | 'optional' is 'yes' (expected: true or false)",
        "parameters { key: 'a' } parameters { key: 'a' } | 1:36 | key 'a' is given twice in"
            + " 'parameters'",
        "version_policy { all {} latest {} } | 1:25 | 'latest' cannot be given beside 'all' at"
            + " 1:18",
        ": 8 | 1:1 | ':' where a field's name is expected",
        "name: 'a' @ | 1:11 | unexpected character '@'",
        "[a.b]: 3 | 1:1 | '[' where a field's name is expected",
      })
  void saysWhatIsWrongAndWhere(String text, String position, String message) {
    List<ConfigFault> faults = ModelConfigReader.parse("f", text).faults();

    assertThat(faults.stream().map(ConfigFault::toString))
        .anyMatch(fault -> fault.startsWith("f:" + position + ": ") && fault.contains(message));
    assertThat(faults).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void findsAFaultInWhateverProtobufRefusesAndAgreesOnTheRest(long seed) {
    Random random = new Random(seed);
    RandomConfig configs = new RandomConfig(seed);
    for (int i = 0; i < 300; i++) {
      String text = damaged(TextFormat.printer().printToString(configs.next()), random);
      ParsedConfig parsed = ModelConfigReader.parse("f", text);
      if (parsed.faults().isEmpty()) {
        assertThatCode(() -> assertThat(parsed.config()).isEqualTo(protobuf(text)))
            .as(text)
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void refusesAFileThatIsNotText(@TempDir Path folder) throws IOException {
    Path file =
        Files.write(folder.resolve("config.pbtxt"), new byte[] {'#', '\n', 'a', (byte) 0xFF});

    assertThat(ModelConfigReader.read(file).faults().getFirst())
        .hasToString(file + ":2:2: the file is not UTF-8 text from here on");
  }

  @Test
  void readsAFileWithAByteOrderMark(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("config.pbtxt");
    Files.write(file, "\uFEFFname: \"m\"".getBytes(StandardCharsets.UTF_8));

    assertThat(ModelConfigReader.read(file).config().getName()).isEqualTo("m");
  }

  private static String damaged(String text, Random random) {
    StringBuilder damaged = new StringBuilder(text);
    for (int i = random.nextInt(3); i >= 0 && !damaged.isEmpty(); i--) {
      int at = random.nextInt(damaged.length());
      switch (random.nextInt(3)) {
        case 0 -> damaged.deleteCharAt(at);
        case 1 -> damaged.insert(at, "{}[]<>:,;'\"0a#\\\n ".charAt(random.nextInt(17)));
        default -> damaged.setCharAt(at, "{}[]<>:,;'\"0a#\\\n ".charAt(random.nextInt(17)));
      }
    }
    return damaged.toString();
  }

  private static ModelConfig read(String text) {
    ParsedConfig parsed = ModelConfigReader.parse("f", text);
    assertThat(parsed.faults()).as(text).isEmpty();
    return parsed.config();
  }

  private static ModelConfig protobuf(String text) throws TextFormat.ParseException {
    ModelConfig.Builder config = ModelConfig.newBuilder();
    TextFormat.merge(text, config);
    return config.build();
  }
}
