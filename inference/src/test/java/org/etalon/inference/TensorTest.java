package org.etalon.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TensorTest {
  @Test
  void refusesMemoryOfAnotherSizeThanItsShapeAsksFor() {
    assertThatThrownBy(() -> Tensor.of("x", Shape.of(2, 3), new float[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor 'x': 20 bytes (expected: 24 for FP32 [2,3])");
  }

  @Test
  void refusesAShapeWhoseElementCountOverflows() {
    assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("less than 2^63 elements");
    assertThatThrownBy(() -> Tensor.byteSize(DataType.FP64, Shape.of(1L << 61)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Shape.of(2, -1)).hasMessageContaining("no negative dimension");
  }

  @Test
  void countsNoElementsWhereOneExtentIsZeroAndOneForAScalar() {
    assertThat(Shape.of(4, 0, 7).elementCount()).isZero();
    assertThat(Shape.of().elementCount()).isEqualTo(1);
  }

  @Test
  void aCopyBorrowsNothing() {
    float[] values = {1, 2};
    Tensor copy = Tensor.of("x", Shape.of(2), values).copy();
    values[0] = 5;
    assertThat(copy.toFloats()).containsExactly(1, 2);
  }

  @Test
  void stringsSurviveTheirByteLayout() {
    List<String> words = List.of("", "strain", "\u03b1\u0000b");
    Tensor tensor = Tensor.ofStrings("s", Shape.of(3), words);
    assertThat(BytesElements.count(tensor.data())).isEqualTo(3);
    assertThat(BytesElements.decode(tensor.data()))
        .extracting(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .isEqualTo(words);
    assertThat(BytesElements.skip(tensor.data(), 0, 2)).isEqualTo(4 + 4 + 6);
  }

  @Test
  void refusesAnElementThatReachesPastTheMemory() {
    MemorySegment cut = MemorySegment.ofArray(new byte[] {5, 0, 0, 0, 'a'});
    assertThatThrownBy(() -> BytesElements.count(cut))
        .hasMessage("BYTES tensor: element of 5 bytes at offset 0, but only 1 follow");
    MemorySegment huge = MemorySegment.ofArray(new byte[] {-1, -1, -1, -1});
    assertThatThrownBy(() -> BytesElements.decode(huge)).hasMessageContaining("4294967295 bytes");
    MemorySegment stub = MemorySegment.ofArray(new byte[] {0, 0});
    assertThatThrownBy(() -> BytesElements.count(stub)).hasMessageContaining("a 4-byte length");
  }

  @Test
  void aResponseGivesItsMemoryBackOnce() {
    AtomicInteger releases = new AtomicInteger();
    InferenceResponse response =
        new InferenceResponse(
            "m", 1, Optional.empty(), List.of(), java.util.Map.of(), releases::incrementAndGet);
    response.close();
    response.close();
    assertThat(releases).hasValue(1);
  }

  @Test
  void metadataAcceptsAnyExtentWhereItSaysSo() {
    TensorMetadata input = new TensorMetadata("x", DataType.FP32, List.of(-1L, 64L));
    assertThat(input.accepts(Shape.of(8, 64))).isTrue();
    assertThat(input.accepts(Shape.of(8, 63))).isFalse();
    assertThat(input.accepts(Shape.of(64))).isFalse();
  }
}
