package org.etalon.server.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;

final class ClassificationTest {
  private static List<String> texts(Tensor classes) {
    return BytesElements.decode(classes.data()).stream()
        .map(text -> new String(text, StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void givesTheHighestOfEachRowFirstWithTheirLabels() {
    Tensor scores = Tensor.of("y", Shape.of(2, 3), new float[] {0.5f, 3, -1, 7, 7, 8});
    Tensor classes = Classification.of(scores, 2, true, List.of("noise", "bbh"));
    assertThat(classes.datatype()).isEqualTo(DataType.BYTES);
    assertThat(classes.shape()).isEqualTo(Shape.of(2, 2));
    assertThat(texts(classes))
        .containsExactly("3.000000:1:bbh", "0.500000:0:noise", "8.000000:2", "7.000000:0:noise");
  }

  @Test
  void cutsTheCountToTheClassesThereAre() {
    Tensor scores = Tensor.of("y", Shape.of(2), new float[] {1, 2});
    Tensor classes = Classification.of(scores, 5, false, List.of());
    assertThat(classes.shape()).isEqualTo(Shape.of(2));
    assertThat(texts(classes)).containsExactly("2.000000:1", "1.000000:0");
  }

  @Test
  void ordersUnsignedNumbersAsSuch() {
    var data = MemorySegment.ofArray(new byte[] {(byte) 0xff, 1});
    Tensor scores = new Tensor("y", DataType.UINT8, Shape.of(2), data);
    assertThat(texts(Classification.of(scores, 1, false, List.of()))).containsExactly("255:0");
    Tensor signed = new Tensor("y", DataType.INT8, Shape.of(2), data);
    assertThat(texts(Classification.of(signed, 1, false, List.of()))).containsExactly("1:1");
  }

  @Test
  void readsHalfPrecision() {
    var data = MemorySegment.ofArray(new byte[4]);
    data.set(Tensor.SHORT, 0, Float.floatToFloat16(1.5f));
    data.set(Tensor.SHORT, 2, Float.floatToFloat16(-2f));
    Tensor half = new Tensor("y", DataType.FP16, Shape.of(2), data);
    assertThat(texts(Classification.of(half, 2, false, List.of())))
        .containsExactly("1.500000:0", "-2.000000:1");
  }

  @Test
  void refusesTextsAndMoreElementsThanAnyoneReads() {
    Tensor strings = Tensor.ofStrings("y", Shape.of(1), List.of("a"));
    assertThatThrownBy(() -> Classification.of(strings, 1, false, List.of()))
        .isInstanceOf(ServingException.class)
        .hasMessage("class result not available for output due to unsupported type 'BYTES'");
    var zeros = MemorySegment.ofArray(new byte[1_000_001]);
    Tensor large = new Tensor("y", DataType.UINT8, Shape.of(1_000_001), zeros);
    assertThatThrownBy(() -> Classification.of(large, 2_000_000, false, List.of()))
        .hasMessageContaining("classification output tensor too large");
  }
}
