package org.etalon.protocol.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ElementsTest {
  private static final int SEEDS = 20;

  static Stream<Arguments> everyTypeAndSeed() {
    return Stream.of(DataType.values())
        .filter(type -> type != DataType.FP16 && type != DataType.BF16)
        .flatMap(type -> new Random(1).ints(SEEDS).mapToObj(seed -> Arguments.of(type, seed)));
  }

  @ParameterizedTest
  @MethodSource("everyTypeAndSeed")
  void readsBackEveryBitThatItWrites(DataType type, int seed) {
    var random = new Random(seed);
    long[] dims = random.longs(random.nextInt(5), 0, 6).toArray();
    Tensor tensor = randomTensor(type, Shape.of(dims), random);
    byte[] json = JsonText.of(out -> ElementWriter.write(out, tensor));
    assertThat(bytes(read(new String(json, StandardCharsets.UTF_8), tensor)))
        .isEqualTo(bytes(tensor));
  }

  @ParameterizedTest
  @MethodSource("everyTypeAndSeed")
  void readsNestedElementsAsFlatOnes(DataType type, int seed) {
    Tensor tensor = randomTensor(type, Shape.of(3, 2), new Random(seed));
    byte[] json = JsonText.of(out -> ElementWriter.write(out, tensor));
    String flat = new String(json, StandardCharsets.UTF_8);
    assertThat(bytes(read("[[" + flat + "],[[]]]", tensor))).isEqualTo(bytes(tensor));
  }

  @ParameterizedTest
  @EnumSource(names = {"FP16", "BF16"})
  void refusesToWriteHalfPrecision(DataType type) {
    var tensor = new Tensor("y", type, Shape.of(1), MemorySegment.ofArray(new byte[2]));
    assertUnwritable(tensor, type + " has no JSON form");
  }

  @Test
  void refusesToWriteWhatIsNotFiniteOrNotUtf8() {
    assertUnwritable(Tensor.of("y", Shape.of(2), new float[] {1, Float.NaN}), "element 1 is NaN");
    MemorySegment infinite = MemorySegment.ofArray(new byte[8]);
    infinite.set(Tensor.DOUBLE, 0, Double.NEGATIVE_INFINITY);
    assertUnwritable(
        new Tensor("y", DataType.FP64, Shape.of(1), infinite), "element 0 is -Infinity");
    MemorySegment text = BytesElements.encode(List.of(new byte[] {(byte) 0xFF}));
    assertUnwritable(new Tensor("y", DataType.BYTES, Shape.of(1), text), "not UTF-8");
  }

  private static void assertUnwritable(Tensor tensor, String expected) {
    assertThatThrownBy(() -> JsonText.of(json -> ElementWriter.write(json, tensor)))
        .hasMessageContaining("output 'y'")
        .hasMessageContaining(expected)
        .hasMessageContaining("binary_data");
  }

  private static Tensor read(String json, Tensor like) {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    try (var reader = new JsonReader(MemorySegment.ofArray(text), "")) {
      return ElementReader.read(reader, like.name(), like.datatype(), like.shape());
    }
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }

  private static Tensor randomTensor(DataType type, Shape shape, Random random) {
    int count = (int) shape.elementCount();
    if (type == DataType.BYTES) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        texts.add(randomText(random));
      }
      return Tensor.ofStrings("y", shape, texts);
    }
    byte[] bytes = new byte[count * type.elementBytes()];
    random.nextBytes(bytes);
    MemorySegment data = MemorySegment.ofArray(bytes);
    for (int i = 0; i < count; i++) {
      makeWritable(type, data, i, random);
    }
    return new Tensor("y", type, shape, data);
  }

  /** Random bits, but where they are no number or no boolean. */
  private static void makeWritable(DataType type, MemorySegment data, long index, Random random) {
    switch (type) {
      case FP32 -> {
        if (!Float.isFinite(data.getAtIndex(Tensor.FLOAT, index))) {
          data.setAtIndex(Tensor.FLOAT, index, random.nextFloat());
        }
      }
      case FP64 -> {
        if (!Double.isFinite(data.getAtIndex(Tensor.DOUBLE, index))) {
          data.setAtIndex(Tensor.DOUBLE, index, random.nextDouble());
        }
      }
      case BOOL -> data.set(ValueLayout.JAVA_BYTE, index, (byte) random.nextInt(2));
      default -> {}
    }
  }

  private static String randomText(Random random) {
    var text = new StringBuilder();
    for (int left = random.nextInt(10); left > 0; left--) {
      int point = random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_CODE_POINT + 1);
      boolean isHalfOfAPair = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
      text.appendCodePoint(isHalfOfAPair ? 0 : point);
    }
    return text.toString();
  }
}
