package org.etalon.engine.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.ModelId;
import org.etalon.inference.RequestedOutput;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The texts are those of Triton, which its clients read. */
class RequestRulesTest {
  private final RequestRules rules =
      new RequestRules(
          "m",
          8,
          List.of(spec("A", DataType.INT32, 16), spec("B", DataType.FP32, 2)),
          List.of(spec("Y", DataType.FP32, 1), spec("Z", DataType.FP32, 1)));

  @Test
  void ordersInputsAsTheConfigurationDoes() {
    Tensor first = a(3);
    Tensor second = b(3);
    @Nullable Tensor[] ordered = inputs(second, first);
    assertThat(ordered).containsExactly(first, second);
    assertThat(rules.rowsOf(ordered)).isEqualTo(3);
  }

  @Test
  void namesWhatIsMissing() {
    assertThatThrownBy(() -> inputs(a(1)))
        .hasMessage(
            "expected 2 inputs but got 1 inputs for model 'm'. Got input(s) ['A'], but missing required input(s) ['B']. Please provide all required input(s).");
  }

  @Test
  void saysHowManyInputsThereMayBeWhereSomeAreOptional() {
    TensorSpec optional =
        TensorSpec.of(
            new TensorMetadata("D", DataType.FP32, List.of(TensorMetadata.ANY, 1L)), true);
    RequestRules some =
        new RequestRules(
            "m",
            8,
            List.of(
                spec("A", DataType.INT32, 16),
                spec("B", DataType.FP32, 2),
                spec("C", DataType.FP32, 1),
                optional),
            List.of());
    assertThatThrownBy(() -> some.inputsOf(request()))
        .hasMessage(
            "expected number of inputs between 3 and 4 but got 0 inputs for model 'm'. Got input(s) [], but missing required input(s) ['A','B','C']. Please provide all required input(s).");
  }

  @Test
  void namesAnUnknownOrRepeatedInput() {
    assertThatThrownBy(() -> inputs(a(1), fp32("Z", 1, 2)))
        .hasMessage("unexpected inference input 'Z' for model 'm'");
    assertThatThrownBy(() -> inputs(a(1), a(1))).hasMessageContaining("more than once");
  }

  @Test
  void namesAWrongDatatypeOrShape() {
    assertThatThrownBy(() -> inputs(fp32("A", 1, 16), b(1)))
        .hasMessage("inference input 'A' data-type is 'FP32', but model 'm' expects 'INT32'");
    assertThatThrownBy(() -> inputs(a(1), fp32("B", 1, 8)))
        .hasMessage("unexpected shape for input 'B' for model 'm'. Expected [-1,2], got [1,8].");
  }

  @Test
  void boundsTheBatchAndWantsItTheSameForAllInputs() {
    assertThatThrownBy(() -> rules.rowsOf(inputs(a(9), b(9))))
        .hasMessage("inference request batch-size must be <= 8 for 'm'");
    assertThatThrownBy(() -> rules.rowsOf(inputs(a(2), b(3))))
        .hasMessage("input 'B' batch size does not match other inputs for 'm'");
    assertThatThrownBy(() -> rules.rowsOf(inputs(a(0), b(0))))
        .hasMessage("inference request batch-size must be >= 1 for 'm'");
  }

  @Test
  void givesAllOutputsUnlessSomeAreNamed() {
    assertThat(outputs()).containsExactly(0, 1);
    assertThat(outputs("Z")).containsExactly(1);
    assertThat(outputs("Z", "Y")).containsExactly(1, 0);
    assertThatThrownBy(() -> outputs("W"))
        .hasMessage("unexpected inference output 'W' for model 'm'");
    assertThatThrownBy(() -> outputs("Z", "Z")).hasMessageContaining("more than once");
  }

  @Test
  void countsTheElementsOfTexts() {
    RequestRules texts =
        new RequestRules("m", 0, List.of(specOf("S", DataType.BYTES, 2)), List.of());
    InferenceRequest one = request(new Tensor("S", DataType.BYTES, Shape.of(2), texts("a").data()));
    assertThatThrownBy(() -> texts.inputsOf(one))
        .hasMessage("expected 2 string elements for inference input 'S' for model 'm', got 1");
    InferenceRequest three =
        request(new Tensor("S", DataType.BYTES, Shape.of(2), texts("a", "b", "c").data()));
    assertThatThrownBy(() -> texts.inputsOf(three))
        .hasMessage(
            "unexpected number of string elements 3 for inference input 'S' for model 'm', expecting 2");
  }

  private static Tensor texts(String... texts) {
    return Tensor.ofStrings("S", Shape.of(texts.length), List.of(texts));
  }

  private @Nullable Tensor[] inputs(Tensor... tensors) {
    return rules.inputsOf(request(tensors));
  }

  private int[] outputs(String... names) {
    InferenceRequest.Builder request = InferenceRequest.to(ModelId.of("m"));
    for (String name : names) {
      request.output(RequestedOutput.of(name));
    }
    return rules.outputsOf(request.build());
  }

  private static InferenceRequest request(Tensor... tensors) {
    return InferenceRequest.of(ModelId.of("m"), tensors);
  }

  private static Tensor a(int rows) {
    return new Tensor(
        "A", DataType.INT32, Shape.of(rows, 16), MemorySegment.ofArray(new int[rows * 16]));
  }

  private static Tensor b(int rows) {
    return fp32("B", rows, 2);
  }

  private static Tensor fp32(String name, int rows, int width) {
    return Tensor.of(name, Shape.of(rows, width), new float[rows * width]);
  }

  private static TensorSpec spec(String name, DataType datatype, long width) {
    return TensorSpec.of(
        new TensorMetadata(name, datatype, List.of(TensorMetadata.ANY, width)), false);
  }

  private static TensorSpec specOf(String name, DataType datatype, long width) {
    return TensorSpec.of(new TensorMetadata(name, datatype, List.of(width)), false);
  }
}
