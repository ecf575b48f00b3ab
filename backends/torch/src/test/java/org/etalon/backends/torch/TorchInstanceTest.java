package org.etalon.backends.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TorchInstanceTest {
  private static final String DOUBLED =
      """
        def forward(self,
          x: Tensor) -> Tensor:
          return torch.mul(x, 2)
      """;

  private static final String ROWS_OF_TWO =
      """
      max_batch_size: 8
      input { name: 'x' data_type: TYPE_FP32 dims: [2] }
      output { name: 'OUTPUT__0' data_type: TYPE_FP32 dims: [2] }
      """;

  @TempDir Path directory;
  private TorchFixture fixture;

  @BeforeEach
  void open() {
    fixture = new TorchFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static String method(String arguments, String result, String body) {
    return "  def forward(self%s) -> %s:\n    %s\n"
        .formatted(arguments, result, body.replace("\n", "\n    "));
  }

  private static Tensor row(String name, float... values) {
    return Tensor.of(name, Shape.of(1, values.length), values);
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, mode = EnumSource.Mode.EXCLUDE, names = "BYTES")
  void carriesElementsOfEveryTypeUnchanged(DataType datatype) {
    BackendModel model =
        fixture.loadScript(
            method(", x: Tensor", "Tensor", "return torch.reshape(x, [3])"),
            "input { name: 'INPUT__0' data_type: TYPE_%s dims: [3] } output { name: 'OUTPUT__0' data_type: TYPE_%s dims: [3] }"
                .formatted(datatype, datatype));
    byte[] elements = new byte[3 * datatype.elementBytes()];
    new Random(1).nextBytes(elements);
    if (datatype == DataType.BOOL) {
      elements = new byte[] {1, 0, 1};
    }
    Tensor x = new Tensor("INPUT__0", datatype, Shape.of(3), MemorySegment.ofArray(elements));
    Tensor output = fixture.run(model, 1, x).getFirst();
    assertThat(output.datatype()).isEqualTo(datatype);
    assertThat(output.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(elements);
  }

  @Test
  void takesInputsByArgumentNameByNumberAndByOrder() {
    String minus =
        method(",\n      a: Tensor,\n      b: Tensor", "Tensor", "return torch.sub(a, b)");
    for (String[] names : new String[][] {{"b", "a"}, {"INPUT__1", "INPUT__0"}, {"q", "p"}}) {
      BackendModel model =
          fixture.loadScript(
              minus,
              "max_batch_size: 4 input { name: '%s' data_type: TYPE_FP32 dims: [1] } input { name: '%s' data_type: TYPE_FP32 dims: [1] } output { name: 'difference' data_type: TYPE_FP32 dims: [1] }"
                  .formatted((Object[]) names));
      float[] answer =
          fixture.run(model, 1, row(names[0], 1), row(names[1], 5)).getFirst().toFloats();
      assertThat(answer).containsExactly(names[0].equals("q") ? -4 : 4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Tuple[Tensor, Tensor] | return (torch.neg(x), torch.mul(x, 3))",
        "List[Tensor] | return [torch.neg(x), torch.mul(x, 3)]",
      })
  void answersTuplesAndLists(String type, String body) {
    BackendModel model =
        fixture.loadScript(
            method(", x: Tensor", type, body),
            "max_batch_size: 4 input { name: 'x' data_type: TYPE_FP32 dims: [1] } output { name: 'OUTPUT__1' data_type: TYPE_FP32 dims: [1] } output { name: 'OUTPUT__0' data_type: TYPE_FP32 dims: [1] }");
    List<Tensor> outputs = fixture.run(model, 1, row("x", 2));
    assertThat(outputs.get(0).toFloats()).containsExactly(6);
    assertThat(outputs.get(1).toFloats()).containsExactly(-2);
  }

  @Test
  void takesAndAnswersDictionariesByName() {
    BackendModel model =
        fixture.loadScript(
            method(
                ",\n      x: Dict[str, Tensor]",
                "Dict[str, Tensor]",
                "return {\"sum\": torch.add(x[\"a\"], x[\"b\"]), \"a\": x[\"a\"]}"),
            "max_batch_size: 4 input { name: 'b' data_type: TYPE_FP32 dims: [1] } input { name: 'a' data_type: TYPE_FP32 dims: [1] } output { name: 'a' data_type: TYPE_FP32 dims: [1] } output { name: 'sum' data_type: TYPE_FP32 dims: [1] }");
    List<Tensor> outputs = fixture.run(model, 1, row("b", 2), row("a", 3));
    assertThat(outputs.get(0).toFloats()).containsExactly(3);
    assertThat(outputs.get(1).toFloats()).containsExactly(5);
  }

  @Test
  void answersElementsOfTransposedTensorsInRowMajorOrder() {
    BackendModel model =
        fixture.loadScript(
            method(", x: Tensor", "Tensor", "return torch.transpose(x, 0, 1)"),
            "input { name: 'x' data_type: TYPE_FP32 dims: [2, 2] } output { name: 'y' data_type: TYPE_FP32 dims: [-1, 2] }");
    Tensor x = Tensor.of("x", Shape.of(2, 2), new float[] {1, 2, 3, 4});
    assertThat(fixture.run(model, 1, x).getFirst().toFloats()).containsExactly(1, 3, 2, 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void batchedEqualsOneByOne(int rows) {
    BackendModel model = fixture.loadScript(DOUBLED, ROWS_OF_TWO);
    ModelInstance instance = fixture.instance(model);
    float[] values = new float[2 * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 3.5f;
    }
    float[] together =
        fixture
            .run(model.config(), instance, rows, Tensor.of("x", Shape.of(rows, 2), values))
            .getFirst()
            .toFloats();
    for (int i = 0; i < rows; i++) {
      Tensor one = row("x", values[2 * i], values[2 * i + 1]);
      assertThat(fixture.run(model.config(), instance, 1, one).getFirst().toFloats())
          .containsExactly(together[2 * i], together[2 * i + 1]);
    }
  }

  @Test
  void instancesRunSideBySide() {
    BackendModel model =
        fixture.loadScript(
            DOUBLED,
            ROWS_OF_TWO
                + "parameters { key: 'ENABLE_WEIGHT_SHARING' value { string_value: 'true' } }");
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float value = i;
      CompletableFuture<Void> done = new CompletableFuture<>();
      running.add(done);
      Thread.ofPlatform()
          .start(() -> {
            try (TorchFixture own = new TorchFixture(directory);
                ModelInstance instance = model.newInstance(Device.CPU)) {
              for (int run = 0; run < 50; run++) {
                Tensor x = row("x", value, run);
                assertThat(own.run(model.config(), instance, 1, x).getFirst().toFloats())
                    .containsExactly(2 * value, 2f * run);
              }
              done.complete(null);
            } catch (Throwable e) {
              done.completeExceptionally(e);
            }
          });
    }
    running.forEach(CompletableFuture::join);
  }

  @Test
  void whatFailsWhileItRunsIsNamedAndTheInstanceStaysUsable() {
    BackendModel model =
        fixture.loadScript(
            method(", x: Tensor", "Tensor", "return torch.matmul(x, torch.ones([2, 2]))"),
            "input { name: 'x' data_type: TYPE_FP32 dims: [-1, -1] } output { name: 'y' data_type: TYPE_FP32 dims: [-1, 2] }");
    ModelInstance instance = fixture.instance(model);
    assertRefused(
        () -> fixture.run(model.config(), instance, 1, row("x", 1, 2, 3)),
        ErrorCode.INTERNAL,
        "model 'test' version 1",
        "mat1 and mat2 shapes cannot be multiplied");
    assertThat(fixture.run(model.config(), instance, 1, row("x", 1, 2)).getFirst().toFloats())
        .containsExactly(3, 3);
  }

  @Test
  void memoryThatIsNotThereIsNamedAndTheInstanceStaysUsable() {
    BackendModel model =
        fixture.loadScript(
            method(
                ", x: Tensor",
                "Tensor",
                "return torch.expand(x, [2]) if bool(torch.lt(x, 1)) else torch.ones([4611686018427, 2])"),
            "input { name: 'x' data_type: TYPE_FP32 dims: [1] } output { name: 'y' data_type: TYPE_FP32 dims: [-1] }");
    ModelInstance instance = fixture.instance(model);
    Tensor large = Tensor.of("x", Shape.of(1), new float[] {2});
    assertRefused(
        () -> fixture.run(model.config(), instance, 1, large),
        ErrorCode.INTERNAL,
        "model 'test' version 1",
        "allocate");
    Tensor small = Tensor.of("x", Shape.of(1), new float[] {0});
    assertThat(fixture.run(model.config(), instance, 1, small).getFirst().toFloats())
        .containsExactly(0, 0);
  }

  @Test
  void outputsThatDifferFromTheConfigurationAreRefused() {
    String config = "max_batch_size: 4 input { name: 'x' data_type: TYPE_FP32 dims: [2] } ";
    BackendModel double64 =
        fixture.loadScript(DOUBLED, config + "output { name: 'y' data_type: TYPE_FP64 dims: [2] }");
    assertRefused(
        () -> fixture.run(double64, 1, row("x", 1, 2)), ErrorCode.INTERNAL, "'y' is FP32 [1,2]");
    BackendModel wide =
        fixture.loadScript(DOUBLED, config + "output { name: 'y' data_type: TYPE_FP32 dims: [3] }");
    assertRefused(() -> fixture.run(wide, 1, row("x", 1, 2)), ErrorCode.INTERNAL, "dims [3]");
    BackendModel second =
        fixture.loadScript(
            DOUBLED, config + "output { name: 'OUTPUT__1' data_type: TYPE_FP32 dims: [2] }");
    assertRefused(
        () -> fixture.run(second, 1, row("x", 1, 2)),
        ErrorCode.INVALID_ARGUMENT,
        "'OUTPUT__1'",
        "expected: OUTPUT__0 alone");
  }

  @Test
  void numbersInPlaceOfTensorsAreRefused() {
    BackendModel model =
        fixture.loadScript(
            method(", x: Tensor", "Tuple[Tensor, int]", "return (x, 3)"),
            "input { name: 'x' data_type: TYPE_FP32 dims: [1] } output { name: 'y' data_type: TYPE_FP32 dims: [1] }");
    Tensor x = Tensor.of("x", Shape.of(1), new float[] {0});
    assertRefused(() -> fixture.run(model, 1, x), ErrorCode.UNIMPLEMENTED, "returned int");
  }
}
