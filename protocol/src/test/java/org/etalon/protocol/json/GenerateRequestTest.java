package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Parameter;
import org.etalon.inference.Sequence;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GenerateRequestTest {
  private static final List<TensorMetadata> TEXT =
      List.of(
          new TensorMetadata("text", DataType.BYTES, List.of(-1L, 1L)),
          new TensorMetadata("count", DataType.INT32, List.of(-1L, 1L)));

  private static InferenceRequest decode(
      List<TensorMetadata> inputs, boolean isBatching, String json) {
    return GenerateRequest.decode(
        ModelId.of("m"),
        inputs,
        isBatching,
        MemorySegment.ofArray(json.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void makesAScalarOneElementShapedAsTheModelSays() {
    InferenceRequest request = decode(TEXT, true, "{\"text\":\"hi\",\"count\":3,\"id\":\"7\"}");
    assertThat(request.id()).contains("7");
    assertThat(request.inputs()).extracting(Tensor::shape).containsOnly(Shape.of(1, 1));
    assertThat(request.inputs().get(1).data().get(Tensor.INT, 0)).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[-1,3]; true; [1,2,3]; [1,3]",
        "[-1,3]; true; [1,2,3,4,5,6]; [2,3]",
        "[-1,3]; true; [[1,2,3],[4,5,6]]; [2,3]",
        "[-1,-1]; true; [1,2,3]; [1,3]",
        "[-1,2,2]; true; [[1,2],[3,4]]; [1,2,2]",
        "[-1]; false; 1; [1]",
        "[-1]; false; []; [0]",
        "[]; false; 5; []",
        "[2,-1]; false; [1,2,3,4]; [2,2]",
        "[2,-1]; false; [[1],[2]]; [2,1]",
        "[1,1,1]; false; 5; [1,1,1]",
      })
  void findsTheShapeFromTheValueAndTheModel(
      String described, boolean isBatching, String value, String shape) {
    InferenceRequest request =
        decode(List.of(tensor(described)), isBatching, "{\"x\":" + value + "}");
    assertThat(request.inputs().getFirst().shape()).hasToString(shape);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "[-1,3]; [1,2]; /x: input 'x': 2 elements in arrays of depth 1",
        "[-1,-1]; [[1,2],[3]]; different lengths",
        "[-1,-1]; [[1],2]; side by side",
        "[-1,-1]; [1,[2]]; side by side",
        "[-1]; [[1]]; depth 2",
        "[-1]; \"a\"; not a whole number",
        "[-1]; null; not a whole number",
        "[-1]; {}; not a whole number",
      })
  void refusesAValueThatDoesNotFit(String described, String value, String text) {
    assertThatThrownBy(() -> decode(List.of(tensor(described)), false, "{\"x\":" + value + "}"))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining(text);
  }

  private static TensorMetadata tensor(String described) {
    String inner = described.substring(1, described.length() - 1);
    List<Long> shape =
        inner.isEmpty()
            ? List.of()
            : java.util.Arrays.stream(inner.split(",")).map(Long::valueOf).toList();
    return new TensorMetadata("x", DataType.INT32, shape);
  }

  @Test
  void takesOtherMembersForParameters() {
    InferenceRequest request =
        decode(
            TEXT,
            true,
            "{\"text\":\"hi\",\"temperature\":0.5,\"stream\":false,\"parameters\":{\"a\":\"b\",\"sequence_id\":4,\"sequence_start\":true}}");
    assertThat(request.parameters())
        .isEqualTo(
            Map.of(
                "temperature", new Parameter.Real(0.5),
                "stream", new Parameter.Bool(false),
                "a", new Parameter.Text("b")));
    assertThat(request.sequence().orElseThrow().id()).isEqualTo(new Sequence.Id.Number(4));
  }

  @Test
  void refusesWhatIsNeitherInputNorParameter() {
    assertThatThrownBy(() -> decode(TEXT, true, "{\"text\":\"hi\",\"stop\":[\"a\"]}"))
        .hasMessageContaining("'stop'")
        .hasMessageContaining("[text, count]");
    assertThatThrownBy(() -> decode(TEXT, true, "{\"a\":1,\"parameters\":{\"a\":2}}"))
        .hasMessageContaining("'a' stands twice");
    assertThatThrownBy(() -> decode(TEXT, true, "[]")).hasMessageContaining("an object");
    assertThatThrownBy(() -> decode(TEXT, true, "{\"text\":["))
        .hasMessageContaining("request JSON");
  }

  @Test
  void writesAnOutputOfOneElementAsAScalar() {
    InferenceResponse response =
        InferenceResponse.of(
            "m",
            2,
            Optional.of("i"),
            List.of(
                Tensor.ofStrings("text", Shape.of(1, 1), List.of("line\n")),
                Tensor.of("y", Shape.of(1, 2), new float[] {1, 2})));
    assertThat(new String(GenerateText.of(response), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"id\":\"i\",\"model_name\":\"m\",\"model_version\":\"2\",\"text\":\"line\\n\",\"y\":[1.0,2.0]}");
  }
}
