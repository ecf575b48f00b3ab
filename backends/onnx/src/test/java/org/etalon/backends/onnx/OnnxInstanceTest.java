package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.inference.BytesElements;
import org.etalon.inference.DataType;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class OnnxInstanceTest {
  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BYTES")
  void carriesEveryDatatypeBitForBit(DataType datatype) {
    BackendModel model = fixture.load("swap_" + datatype.name().toLowerCase(Locale.ROOT), "");
    assertThat(model.config().getInput(0).getDataType().name()).isEqualTo("TYPE_" + datatype);
    int size = datatype.elementBytes();
    byte[] a = elements(datatype, 4, 1);
    byte[] b = elements(datatype, 2, 2);
    Tensor y =
        fixture
            .run(model, 2, tensor("a", datatype, a, 2, 2), tensor("b", datatype, b, 2, 1))
            .getFirst();
    byte[] expected = new byte[6 * size];
    for (int row = 0; row < 2; row++) {
      System.arraycopy(b, row * size, expected, row * 3 * size, size);
      System.arraycopy(a, row * 2 * size, expected, (row * 3 + 1) * size, 2 * size);
    }
    assertThat(y.datatype()).isEqualTo(datatype);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(y.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected);
  }

  private static byte[] elements(DataType datatype, int count, long seed) {
    byte[] bytes = new byte[count * datatype.elementBytes()];
    new Random(seed).nextBytes(bytes);
    if (datatype == DataType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    return bytes;
  }

  private static Tensor tensor(String name, DataType datatype, byte[] data, long... shape) {
    return new Tensor(name, datatype, Shape.of(shape), MemorySegment.ofArray(data));
  }

  @Test
  void carriesStrings() {
    BackendModel model = fixture.load("swap_bytes", "");
    Tensor a = Tensor.ofStrings("a", Shape.of(2, 2), List.of("", "strain", "h(t) ∼ 10⁻²¹", "a\0b"));
    Tensor b = Tensor.ofStrings("b", Shape.of(2, 1), List.of("𝛿", "x".repeat(5000)));
    Tensor y = fixture.run(model, 2, a, b).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(BytesElements.decode(y.data()))
        .extracting(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .containsExactly("𝛿", "", "strain", "x".repeat(5000), "h(t) ∼ 10⁻²¹", "a\0b");
  }

  @Test
  void refusesStringsThatAreNotUtf8AndStaysUsable() {
    BackendModel model = fixture.load("swap_bytes", "");
    ModelInstance instance = fixture.instance(model);
    Tensor bad =
        new Tensor(
            "a",
            DataType.BYTES,
            Shape.of(1, 2),
            BytesElements.encode(List.of(new byte[] {'o', 'k'}, new byte[] {(byte) 0xC3, 0x28})));
    Tensor good = Tensor.ofStrings("a", Shape.of(1, 2), List.of("o", "k"));
    Tensor b = Tensor.ofStrings("b", Shape.of(1, 1), List.of("b"));
    assertThatThrownBy(() -> fixture.run(model.config(), instance, 1, bad, b))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("input 'a': element 1 is not UTF-8");
    assertThat(fixture.run(model.config(), instance, 1, good, b)).hasSize(1);
  }

  @Test
  void refusesFewerStringsThanTheShapeSays() {
    BackendModel model = fixture.load("swap_bytes", "");
    Tensor a = Tensor.ofStrings("a", Shape.of(1, 2), List.of("one"));
    Tensor b = Tensor.ofStrings("b", Shape.of(1, 1), List.of("b"));
    assertThatThrownBy(() -> fixture.run(model, 1, a, b))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("1 elements (expected: 2 for shape [1,2])");
  }

  @Test
  void takesInputsInAnyOrder() {
    BackendModel model = fixture.load("swap_fp32", "");
    Tensor a = Tensor.of("a", Shape.of(1, 2), new float[] {1, 2});
    Tensor b = Tensor.of("b", Shape.of(1, 1), new float[] {3});
    assertThat(fixture.run(model, 1, b, a).getFirst().toFloats()).containsExactly(3, 1, 2);
  }

  @Test
  void runsAndProvidesOnlyOutputsThatAreAskedFor() {
    BackendModel model = fixture.load("two_outputs", "");
    ModelInstance instance = fixture.instance(model);
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, -2});
    Batch batch = fixture.batch(model.config(), 1, new boolean[] {false, true}, x);
    instance.execute(batch);
    assertThat(batch.output(0)).isNull();
    assertThat(batch.output(1))
        .isNotNull()
        .satisfies(output -> assertThat(output.toFloats()).containsExactly(2, -4));
  }

  @Test
  void answersOutputsInTheOrderOfTheConfiguration() {
    BackendModel model =
        fixture.load(
            "two_outputs",
            "max_batch_size: 4 output { name: 'double' } output { name: 'negative' }");
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, -2});
    List<Tensor> outputs = fixture.run(model, 1, x);
    assertThat(outputs.get(0).toFloats()).containsExactly(2, -4);
    assertThat(outputs.get(1).toFloats()).containsExactly(-1, 2);
  }

  @Test
  void keepsEarlierAnswersWhenMemoryRotates() {
    BackendModel model = fixture.load("two_outputs", "");
    ModelInstance instance = fixture.instance(model);
    List<List<Tensor>> answers =
        IntStream.range(0, 20)
            .mapToObj(i ->
                fixture.run(
                    model.config(),
                    instance,
                    1 + i % 3,
                    Tensor.of("x", Shape.of(1 + i % 3, 2), filled(2 * (1 + i % 3), i))))
            .toList();
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get(1).toFloats()).containsExactly(filled(2 * (1 + i % 3), 2 * i));
    }
  }

  private static float[] filled(int count, float value) {
    float[] values = new float[count];
    Arrays.fill(values, value);
    return values;
  }

  @Test
  void handsOverAnOutputWhoseLengthOnlyTheRunTells() {
    BackendModel model = fixture.load("free_length", "");
    assertThat(model.config().getOutput(0).getDimsList()).containsExactly(-1L);
    Tensor x = Tensor.of("x", Shape.of(2, 3), new float[] {1, 2, 3, 4, 5, 6});
    Tensor y = fixture.run(model, 2, x).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(2, 6));
    assertThat(y.toFloats()).containsExactly(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6);
  }

  @Test
  void keepsAHandedOverOutputAfterTheModelIsClosed() {
    fixture.put("model.onnx", fixture.resource("free_length.onnx"));
    BackendModel model = fixture.backend().load(fixture.files(), fixture.config(""));
    ModelInstance instance = model.newInstance(Device.CPU);
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, 2});
    Tensor y = fixture.run(model.config(), instance, 1, x).getFirst();
    instance.close();
    model.close();
    assertThat(y.toFloats()).containsExactly(1, 2, 1, 2);
  }

  @Test
  void runsAModelWithoutBatch() {
    BackendModel model = fixture.load("non_zero", "");
    assertThat(model.config().getMaxBatchSize()).isZero();
    Tensor x = Tensor.of("x", Shape.of(4), new float[] {0, 5, 0, 7});
    Tensor y = fixture.run(model, 1, x).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(1, 2));
    assertThat(y.data().toArray(ValueLayout.JAVA_LONG)).containsExactly(1, 3);
  }

  @Test
  void answersAnEmptyOutput() {
    BackendModel model = fixture.load("non_zero", "");
    Tensor y = fixture.run(model, 1, Tensor.of("x", Shape.of(4), new float[4])).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(1, 0));
  }

  @Test
  void takesAnEmptyInput() {
    BackendModel model = fixture.load("free_length", "");
    Tensor y = fixture.run(model, 2, Tensor.of("x", Shape.of(2, 0), new float[0])).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(2, 0));
  }

  @Test
  void answersAScalar() {
    BackendModel model = fixture.load("sum", "");
    Tensor x = Tensor.of("x", Shape.of(3), new float[] {1, 2, 3});
    Tensor y = fixture.run(model, 1, x).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of());
    assertThat(y.toFloats()).containsExactly(6);
  }

  @Test
  void answersAScalarInTheShapeThatTheConfigurationGivesIt() {
    BackendModel model = fixture.load("sum", "output { name: 'y' dims: [1] }");
    Tensor x = Tensor.of("x", Shape.of(3), new float[] {1, 2, 3});
    assertThat(fixture.run(model, 1, x).getFirst().shape()).isEqualTo(Shape.of(1));
  }

  @Test
  void runsInTheShapesInsideTheModelWhereRequestsSeeOthers() {
    BackendModel model =
        fixture.load(
            "flat",
            """
            max_batch_size: 4
            input { name: 'x' dims: [1] reshape {} }
            output { name: 'y' dims: [1] reshape {} }
            """);
    Tensor x = Tensor.of("x", Shape.of(3), new float[] {1, 2, 3});
    Tensor y = fixture.run(model, 3, x).getFirst();
    assertThat(y.shape()).isEqualTo(Shape.of(3));
    assertThat(y.toFloats()).containsExactly(-1, -2, -3);
  }

  @Test
  void copiesAnOutputThatIsTheInputItself() {
    BackendModel model = fixture.load("same", "");
    ModelInstance instance = fixture.instance(model);
    try (Arena arena = Arena.ofConfined();
        OutputMemory.Pool pool = new OutputMemory.Pool()) {
      MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
      OutputMemory memory = pool.open();
      Batch batch =
          new Batch(
              1,
              List.of(new Tensor("x", DataType.FP32, Shape.of(1, 2), data)),
              List.of("x", "negative"),
              new boolean[] {true, true},
              memory);
      instance.execute(batch);
      data.fill((byte) 0);
      assertThat(batch.output(0))
          .isNotNull()
          .satisfies(output -> assertThat(output.toFloats()).containsExactly(1, 2));
      memory.release();
    }
  }

  @Test
  void copiesAnInputThatIsNotAligned() {
    BackendModel model = fixture.load("two_outputs", "");
    ModelInstance instance = fixture.instance(model);
    try (Arena arena = Arena.ofConfined();
        OutputMemory.Pool pool = new OutputMemory.Pool()) {
      MemorySegment data = arena.allocate(9, 8).asSlice(1);
      data.set(Tensor.FLOAT, 0, 3);
      data.set(Tensor.FLOAT, 4, 4);
      OutputMemory memory = pool.open();
      Batch batch =
          new Batch(
              1,
              List.of(new Tensor("x", DataType.FP32, Shape.of(1, 2), data)),
              List.of("negative", "double"),
              new boolean[] {true, false},
              memory);
      instance.execute(batch);
      assertThat(batch.output(0))
          .isNotNull()
          .satisfies(output -> assertThat(output.toFloats()).containsExactly(-3, -4));
      memory.release();
    }
  }

  @Test
  void refusesAnUnexpectedInputAndListsThoseOfTheModel() {
    BackendModel model = fixture.load("two_outputs", "");
    assertThatThrownBy(() -> fixture.run(model, 1, Tensor.of("z", Shape.of(1, 2), new float[2])))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("unexpected input 'z' (expected: [x])");
  }

  @Test
  void refusesAnotherDatatype() {
    BackendModel model = fixture.load("two_outputs", "");
    Tensor x = tensor("x", DataType.UINT8, new byte[2], 1, 2);
    assertThatThrownBy(() -> fixture.run(model, 1, x))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("input 'x': UINT8 (expected: FP32)");
  }

  @Test
  void refusesAShapeThatTheModelDoesNotTake() {
    BackendModel model = fixture.load("two_outputs", "");
    assertThatThrownBy(() -> fixture.run(model, 1, Tensor.of("x", Shape.of(1, 3), new float[3])))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("model 'test' version 1");
  }

  @Test
  void refusesABatchWithoutAnInput() {
    BackendModel model = fixture.load("swap_fp32", "");
    assertThatThrownBy(() -> fixture.run(model, 1, Tensor.of("a", Shape.of(1, 2), new float[2])))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("input 'b' is missing");
  }

  @Test
  void saysThatAnOutputDoesNotHaveTheBatchsRows() {
    BackendModel model = fixture.load("more_rows", "");
    Tensor x = Tensor.of("x", Shape.of(3, 2), new float[6]);
    assertThatThrownBy(() -> fixture.run(model, 3, x))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("model 'test' version 1");
  }

  @Test
  void survivesAModelThatAsksForMoreMemoryThanThereIs() {
    BackendModel model = fixture.load("zeros", "");
    ModelInstance instance = fixture.instance(model);
    assertThatThrownBy(() -> fixture.run(model.config(), instance, 1, length(1L << 50)))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL));
    assertThat(fixture.run(model.config(), instance, 1, length(5)).getFirst().toFloats())
        .containsExactly(new float[5]);
  }

  private static Tensor length(long length) {
    return new Tensor(
        "shape", DataType.INT64, Shape.of(1), MemorySegment.ofArray(new long[] {length}));
  }

  @Test
  void givesRunOptionsToTheRun() {
    BackendModel model =
        fixture.load(
            "two_outputs",
            "parameters { key: 'memory.enable_memory_arena_shrinkage' value { string_value: 'cpu:0' } }");
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, -2});
    assertThat(fixture.run(model, 1, x)).hasSize(2);
  }
}
