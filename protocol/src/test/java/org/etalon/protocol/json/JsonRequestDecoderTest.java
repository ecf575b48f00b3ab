package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonRequestDecoderTest {
  private static final ModelId MODEL = ModelId.of("m", 3);

  @Test
  void readsEveryMemberOfARequest() {
    InferenceRequest request =
        decode(
                """
                {"id":"r1","parameters":{"kept":2.5,"sequence_id":7,"sequence_start":true,
                 "sequence_end":true,"priority":2,"timeout":60},
                 "inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[1,2.5,-3,4e1]}],
                 "outputs":[{"name":"y","parameters":{"classification":3}}]}
                """)
            .request();
    assertThat(request.model()).isEqualTo(MODEL);
    assertThat(request.id()).contains("r1");
    assertThat(request.parameters()).containsOnlyKeys("kept");
    assertThat(request.parameters()).containsEntry("kept", new Parameter.Real(2.5));
    assertThat(request.sequence()).contains(new Sequence(new Sequence.Id.Number(7), true, true));
    assertThat(request.priority()).hasValue(2);
    assertThat(request.queueTimeout()).contains(Duration.ofNanos(60_000));
    assertThat(request.inputs().getFirst().shape()).isEqualTo(Shape.of(2, 2));
    assertThat(request.inputs().getFirst().toFloats()).containsExactly(1f, 2.5f, -3f, 40f);
    assertThat(request.outputs().getFirst().name()).isEqualTo("y");
    assertThat(request.outputs().getFirst().parameters())
        .containsEntry("classification", new Parameter.Int64(3));
  }

  @Test
  void takesZeroAndEmptyTextAsNoSequencePriorityTimeoutOrId() {
    InferenceRequest request =
        decode(
                """
                {"id":"","parameters":{"sequence_id":"","priority":0,"timeout":0},
                 "outputs":null,"inputs":[]}
                """)
            .request();
    assertThat(request.id()).isEmpty();
    assertThat(request.sequence()).isEmpty();
    assertThat(request.priority()).isEmpty();
    assertThat(request.queueTimeout()).isEmpty();
    assertThat(decode("{\"parameters\":{\"sequence_id\":0},\"inputs\":[]}").request().sequence())
        .isEmpty();
  }

  @Test
  void readsUnsignedAndTextSequenceIds() {
    assertThat(
            decode("{\"parameters\":{\"sequence_id\":18446744073709551615},\"inputs\":[]}")
                .request()
                .sequence())
        .contains(new Sequence(new Sequence.Id.Number(-1L), false, false));
    assertThat(
            decode("{\"parameters\":{\"sequence_id\":\"H1\"},\"inputs\":[]}").request().sequence())
        .contains(new Sequence(new Sequence.Id.Text("H1"), false, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"data\":[[1,2],[3,4]],\"datatype\":\"INT32\",\"name\":\"x\",\"shape\":[2,2]}",
        "{\"shape\":[2,2],\"data\":[1,2,[3,4]],\"name\":\"x\",\"datatype\":\"INT32\"}",
        "{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"INT32\",\"data\":[[[1],[2]],[[3],[4]]]}",
      })
  void readsMembersInAnyOrderAndDataInAnyNesting(String input) {
    Tensor tensor =
        decode("  {\"outputs\":[], \"inputs\": [%s]}".formatted(input)).request().inputs().get(0);
    assertThat(tensor.data().toArray(Tensor.INT)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void roundsDecimalDigitsToFloatsOnce() {
    // Just above the middle of two floats: by way of a double it becomes the middle, then 1.
    String digits = "1.00000005960464477540";
    Tensor tensor =
        decode(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[%s]}]}"
                    .formatted(digits))
            .request()
            .inputs()
            .getFirst();
    assertThat(tensor.toFloats()).containsExactly(Math.nextUp(1f));
    assertThat((float) Double.parseDouble(digits)).isEqualTo(1f);
  }

  @Test
  void readsWhole64BitIntegersExactly() {
    assertThat(longs("INT64", "[9223372036854775807,-9223372036854775808,9007199254740993]"))
        .containsExactly(Long.MAX_VALUE, Long.MIN_VALUE, 9007199254740993L);
    assertThat(longs("UINT64", "[18446744073709551615,9223372036854775808,0]"))
        .containsExactly(-1L, Long.MIN_VALUE, 0L);
  }

  private static long[] longs(String datatype, String data) {
    return decode(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[3],\"datatype\":\"%s\",\"data\":%s}]}"
                .formatted(datatype, data))
        .request()
        .inputs()
        .getFirst()
        .data()
        .toArray(Tensor.LONG);
  }

  @Test
  void slicesBinaryInputsOutOfTheBodyAndMixesThemWithJson() {
    String json =
        """
        {"inputs":[
          {"name":"a","shape":[2],"datatype":"FP16","parameters":{"binary_data_size":4}},
          {"name":"b","shape":[1],"datatype":"BYTES","data":["h\\u00e9"]},
          {"name":"c","shape":[1,1],"datatype":"INT32","parameters":{"binary_data_size":4}}]}
        """;
    byte[] bytes = concat(json, ByteBuffer.allocate(8).putInt(1).putInt(0x2A000000).array());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment body = arena.allocate(bytes.length).copyFrom(MemorySegment.ofArray(bytes));
      InferenceRequest request =
          JsonRequestDecoder.decode(MODEL, body, headerLength(json)).request();
      assertThat(request.inputs()).extracting(Tensor::name).containsExactly("a", "b", "c");
      assertThat(request.inputs().get(0).data().address()).isEqualTo(body.address() + length(json));
      assertThat(BytesElements.decode(request.inputs().get(1).data()))
          .containsExactly("hé".getBytes(StandardCharsets.UTF_8));
      assertThat(request.inputs().get(2).data().get(Tensor.INT, 0)).isEqualTo(42);
    }
  }

  @Test
  void tellsWhichOutputsAreWantedInBinary() {
    assertThat(decode("{\"inputs\":[]}").binaryOutputs()).isEqualTo(BinaryOutputs.NONE);
    String all = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[]%s}";
    assertThat(decode(all.formatted("")).binaryOutputs()).isEqualTo(BinaryOutputs.EVERY);
    DecodedRequest listed =
        decode(
            all.formatted(
                ",\"outputs\":[{\"name\":\"a\"},{\"name\":\"b\",\"parameters\":{\"binary_data\":true}}]"));
    assertThat(listed.binaryOutputs().contains("a")).isFalse();
    assertThat(listed.binaryOutputs().contains("b")).isTrue();
    assertThat(listed.request().parameters()).isEmpty();
    assertThat(listed.request().outputs().get(1).parameters()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                              | no member 'inputs'",
        "[]                                              | /: an array (expected: an object)",
        "{\"inputs\":[]} x                               | Unrecognized token",
        "{\"inputs\":[]} 1                               | more after the end",
        "{\"inputs\":[                                   | at byte",
        "{\"inputs\":[],\"inputs\":[]}                   | /inputs: member 'inputs' stands twice",
        "{\"inputs\":[],\"output\":[]}                   | /output: unknown member 'output'",
        "{\"inputs\":[3]}                                | /inputs/0: a number (expected: an"
            + " object)",
        "{\"inputs\":{}}                                 | /inputs: an object (expected: an array)",
        "{\"id\":3,\"inputs\":[]}                        | /id: a number (expected: a text)",
        "{\"parameters\":{\"a\":[]},\"inputs\":[]}       | /parameters/a: an array",
        "{\"parameters\":{\"priority\":-1},\"inputs\":[]}| parameter 'priority'",
        "{\"parameters\":{\"sequence_start\":1},\"inputs\":[]}| parameter 'sequence_start'",
        "{\"inputs\":[],\"outputs\":[{}]}                | /outputs/0: an output without member"
            + " 'name'",
      })
  void refusesADocumentOfAnotherForm(String json, String expected) {
    assertInvalid(json, expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]               | without member 'name'",
        "\"name\":\"x\",\"shape\":[1],\"data\":[1]                      | input 'x' without member"
            + " 'datatype'",
        "\"name\":\"x\",\"datatype\":\"FP32\",\"data\":[1]              | input 'x' without member"
            + " 'shape'",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\"             | input 'x' has neither",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1],\"dta\":1 | unknown member"
            + " 'dta' of input 'x'",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FLOAT\",\"data\":[1] | /inputs/0/datatype:"
            + " input 'x': datatype 'FLOAT'",
        "\"name\":\"x\",\"shape\":[-1],\"datatype\":\"FP32\",\"data\":[1] | no negative dimension",
        "\"name\":\"x\",\"shape\":[4294967296,4294967296],\"datatype\":\"FP32\",\"data\":[] | less"
            + " than 2^63 elements",
        "\"name\":\"x\",\"shape\":[99999999999999999999],\"datatype\":\"FP32\",\"data\":[1] | below"
            + " 2^63",
        "\"name\":\"x\",\"shape\":[1.5],\"datatype\":\"FP32\",\"data\":[1] | /inputs/0/shape/0: a"
            + " number (expected: a whole number)",
        "\"name\":\"x\",\"shape\":[4000000000],\"datatype\":\"FP64\",\"data\":[1] | 1 elements"
            + " (expected: 4000000000",
        "\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1] | input 'x': 1 elements"
            + " (expected: 2 for shape [2])",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1,2] | /inputs/0/data/1:"
            + " input 'x': more than 1 elements",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[[[\"1\"]]] |"
            + " /inputs/0/data/0/0/0: input 'x': not a number",
        "\"data\":[[\"1\"]],\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\" |"
            + " /inputs/0/data/0/0: input 'x': not a number",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1e39] | beyond the range of"
            + " FP32",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1e309] | beyond the range of"
            + " FP64",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[NaN] | at byte",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[1] | input 'x': FP16 has no"
            + " JSON form",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"BF16\",\"data\":[1] | input 'x': BF16 has no"
            + " JSON form",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT8\",\"data\":[128] | 128 is beyond the"
            + " range of INT8",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"UINT8\",\"data\":[-1] | -1 is beyond the range"
            + " of UINT8",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"UINT32\",\"data\":[4294967296] | beyond the"
            + " range of UINT32",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[9223372036854775808] |"
            + " beyond the range of INT64",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"UINT64\",\"data\":[18446744073709551616] |"
            + " beyond the range of UINT64",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"UINT64\",\"data\":[-1] | beyond the range of"
            + " UINT64",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[1.0] | not a whole number",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"BOOL\",\"data\":[1] | not true or false",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[1] | not a text",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\\ud800\"] | surrogate",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":{} | not an array",
        "\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":4}"
            + " | without the header",
      })
  void refusesABadInputByItsNameAndPlace(String members, String expected) {
    assertInvalid("{\"inputs\":[{" + members + "}]}", expected);
  }

  @Test
  void refusesTwoInputsOfOneName() {
    String input = "{\"name\":\"x\",\"shape\":[0],\"datatype\":\"FP32\",\"data\":[]}";
    assertInvalid("{\"inputs\":[" + input + "," + input + "]}", "input 'x' stands twice");
  }

  @Test
  void refusesNestingWithoutEnd() {
    assertInvalid("{\"inputs\":" + "[".repeat(100_000), "(expected: an object)");
    assertInvalid(
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":"
            + "[".repeat(100_000),
        "depth");
    assertInvalid("{\"inputs\":[{\"data\":" + "[".repeat(100_000), "depth");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "3|input byte size mismatch for input 'x' for model 'm'. Expected 4, got 3",
        "9|but 8 bytes are left",
        "-1|size -1"
      })
  void refusesBinaryDataThatDoesNotFit(long size, String expected) {
    String json =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":%d}}]}"
            .formatted(size);
    byte[] body = concat(json, new byte[8]);
    assertThatThrownBy(
            () -> JsonRequestDecoder.decode(MODEL, MemorySegment.ofArray(body), headerLength(json)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("'x'")
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{\"id\":\"7\",\"inputs\":|7",
        "{\"inputs\":[{\"id\":\"3\"}],\"id\":\"7\"}|7",
        "{\"inputs\":[[]],\"x\":{\"id\":\"3\"}}|",
        "{\"id\":7}|",
        "[\"id\"]|"
      })
  void findsTheIdOfARequestThatIsRefused(String json, @Nullable String id) {
    MemorySegment body = MemorySegment.ofArray(json.getBytes(StandardCharsets.UTF_8));
    assertThat(JsonRequestDecoder.idOf(body, OptionalLong.empty()))
        .isEqualTo(Optional.ofNullable(id));
    assertThat(JsonRequestDecoder.idOf(body, OptionalLong.of(99)))
        .isEqualTo(Optional.ofNullable(id));
    assertThat(JsonRequestDecoder.idOf(body, OptionalLong.of(-1))).isEmpty();
  }

  @Test
  void refusesBytesThatNoInputClaims() {
    String json = "{\"inputs\":[]}";
    byte[] body = concat(json, new byte[8]);
    assertThatThrownBy(
            () -> JsonRequestDecoder.decode(MODEL, MemorySegment.ofArray(body), headerLength(json)))
        .hasMessageContaining("8 bytes behind the JSON (expected: 0");
  }

  @Test
  void refusesAHeaderLengthBeyondTheBody() {
    assertThatThrownBy(() ->
            JsonRequestDecoder.decode(
                MODEL, MemorySegment.ofArray(new byte[3]), OptionalLong.of(4)))
        .hasMessageContaining("Inference-Header-Content-Length: 4");
  }

  @Test
  void saysThatSharedMemoryIsNotSupported() {
    assertThatThrownBy(() ->
            decode(
                """
                {"inputs":[{"name":"x","shape":[1],"datatype":"FP32",
                  "parameters":{"shared_memory_region":"r","shared_memory_byte_size":4}}]}
                """))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNIMPLEMENTED))
        .hasMessageContaining("shared memory is not served here");
  }

  @Test
  void readsTextsAcrossTheBoundariesOfItsReadBuffer() {
    String text = "ж€😀".repeat(20_000);
    Tensor tensor =
        decode(
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"%s\"]}]}"
                    .formatted(text))
            .request()
            .inputs()
            .getFirst();
    assertThat(tensor.datatype()).isEqualTo(DataType.BYTES);
    assertThat(BytesElements.decode(tensor.data()).getFirst())
        .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }

  private static DecodedRequest decode(String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    return JsonRequestDecoder.decode(MODEL, MemorySegment.ofArray(body), OptionalLong.empty());
  }

  private static void assertInvalid(String json, String expected) {
    assertThatThrownBy(() -> decode(json))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining(expected);
  }

  private static OptionalLong headerLength(String json) {
    return OptionalLong.of(length(json));
  }

  private static int length(String json) {
    return json.getBytes(StandardCharsets.UTF_8).length;
  }

  private static byte[] concat(String json, byte[] binary) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(json.getBytes(StandardCharsets.UTF_8));
    out.writeBytes(binary);
    return out.toByteArray();
  }
}
