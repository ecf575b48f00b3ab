package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.etalon.inference.DataType;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.Parameter;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.TensorMetadata;
import org.junit.jupiter.api.Test;

final class JsonResponseEncoderTest {
  private static final Tensor Y = Tensor.of("y", Shape.of(1, 2), new float[] {0.1f, -2});
  private static final Tensor Z = Tensor.ofStrings("z", Shape.of(1), List.of("a\"b"));

  @Test
  void writesOutputsInJsonAndTheSizesOfThoseInBinary() {
    var response = InferenceResponse.of("m", 2, Optional.of("r"), List.of(Y, Z));
    assertThat(write(response, BinaryOutputs.NONE))
        .isEqualTo(
            "{\"id\":\"r\",\"model_name\":\"m\",\"model_version\":\"2\",\"outputs\":["
                + "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[0.1,-2.0]},"
                + "{\"name\":\"z\",\"datatype\":\"BYTES\",\"shape\":[1],\"data\":[\"a\\\"b\"]}]}");
    assertThat(write(response, new BinaryOutputs(false, Set.of("y"))))
        .contains("\"shape\":[1,2],\"parameters\":{\"binary_data_size\":8}}", "\"data\":[\"a");
  }

  @Test
  void tellsWhetherBytesFollow() {
    var response = InferenceResponse.of("m", 2, Optional.empty(), List.of(Y));
    assertThat(JsonResponseEncoder.hasBinary(response, BinaryOutputs.NONE)).isFalse();
    assertThat(JsonResponseEncoder.hasBinary(response, BinaryOutputs.EVERY)).isTrue();
    assertThat(JsonResponseEncoder.hasBinary(response, new BinaryOutputs(false, Set.of("absent"))))
        .isFalse();
  }

  @Test
  void writesParametersByNameAndLeavesAnAbsentIdOut() {
    Map<String, Parameter> parameters =
        Map.of(
            "b", new Parameter.Bool(true),
            "a", new Parameter.Uint64(-1),
            "c", new Parameter.Real(0.5));
    var response = new InferenceResponse("m", 1, Optional.empty(), List.of(), parameters, () -> {});
    assertThat(write(response, BinaryOutputs.NONE))
        .isEqualTo(
            "{\"model_name\":\"m\",\"model_version\":\"1\","
                + "\"parameters\":{\"a\":18446744073709551615,\"b\":true,\"c\":0.5},\"outputs\":[]}");
  }

  @Test
  void writesWhatAModelTakesAndGives() {
    var model =
        new ModelMetadata(
            "m",
            List.of(1L, 3L),
            "onnxruntime_onnx",
            List.of(new TensorMetadata("x", DataType.BYTES, List.of(-1L, 2L))),
            List.of());
    assertThat(new String(JsonText.metadata(model), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"name\":\"m\",\"versions\":[\"1\",\"3\"],\"platform\":\"onnxruntime_onnx\","
                + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"BYTES\",\"shape\":[-1,2]}],\"outputs\":[]}");
  }

  private static String write(InferenceResponse response, BinaryOutputs binary) {
    var out = new ByteArrayOutputStream();
    JsonResponseEncoder.write(response, binary, out);
    return out.toString(StandardCharsets.UTF_8);
  }
}
