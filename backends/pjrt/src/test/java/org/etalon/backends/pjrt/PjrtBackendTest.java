package org.etalon.backends.pjrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.etalon.backends.libraries.LibraryStore;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.testing.BackendFixture;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.etalon.inference.npy.Npy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs XLA's plugin for the processor; skipped where it is not and cannot be fetched. */
final class PjrtBackendTest {
  private static final String CONFIG =
      """
      max_batch_size: 4
      input { name: 'x' data_type: TYPE_FP32 dims: [ 3 ] }
      input { name: 'y' data_type: TYPE_FP32 dims: [ 3 ] }
      output { name: 'sum' data_type: TYPE_FP32 dims: [ 3 ] }
      output { name: 'flipped' data_type: TYPE_FP32 dims: [ 3 ] }
      """;

  @TempDir Path directory;
  private BackendFixture fixture;

  @BeforeAll
  static void requirePlugin() {
    try {
      LibraryStore.ofUser().provide(PjrtLibraries.set().orElseThrow(), (_, _, _) -> {});
    } catch (ServingException | java.util.NoSuchElementException e) {
      assumeTrue(false, "needs XLA's plugin: " + e.getMessage());
    }
  }

  @BeforeEach
  void open() {
    fixture = new BackendFixture(directory, new PjrtBackend());
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Adds two arguments; the second result is the first argument from behind. */
  private static byte[] program(int rows) {
    return """
    module @test {
      func.func public @main(%x: tensor<ROWSx3xf32>, %y: tensor<ROWSx3xf32>)
          -> (tensor<ROWSx3xf32>, tensor<ROWSx3xf32>) {
        %0 = stablehlo.add %x, %y : tensor<ROWSx3xf32>
        %1 = stablehlo.reverse %x, dims = [1] : tensor<ROWSx3xf32>
        return %0, %1 : tensor<ROWSx3xf32>, tensor<ROWSx3xf32>
      }
    }
    """
        .replace("ROWS", String.valueOf(rows))
        .getBytes(StandardCharsets.UTF_8);
  }

  private BackendModel loadSum() {
    fixture.put("model.2.stablehlo", program(2));
    fixture.put("model.4.stablehlo", program(4));
    return fixture.load(fixture.config(CONFIG));
  }

  private static Tensor tensor(String name, int rows, float first) {
    float[] values = new float[3 * rows];
    for (int i = 0; i < values.length; i++) {
      values[i] = first + i;
    }
    return Tensor.of(name, Shape.of(rows, 3), values);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void batchesOfEverySizeGoToTheNextLargerProgram(int rows) {
    List<Tensor> answers =
        fixture.run(loadSum(), rows, tensor("x", rows, 1), tensor("y", rows, 10));
    assertThat(answers.get(0).shape()).isEqualTo(Shape.of(rows, 3));
    assertThat(answers.get(0).toFloats()).startsWith(11, 13, 15).hasSize(3 * rows);
    assertThat(answers.get(1).toFloats()).startsWith(3, 2, 1).hasSize(3 * rows);
  }

  @Test
  void aModelThatDoesNotBatchHasOneProgram() {
    fixture.put("model.stablehlo", program(2));
    BackendModel model =
        fixture.load(
            fixture.config(CONFIG.replace("size: 4", "size: 0").replace("[ 3 ]", "[ 2, 3 ]")));
    List<Tensor> answers = fixture.run(model, 1, tensor("x", 2, 1), tensor("y", 2, 1));
    assertThat(answers.getFirst().toFloats()).containsExactly(2, 4, 6, 8, 10, 12);
  }

  @Test
  void instancesRunSideBySide() throws InterruptedException {
    BackendModel model = loadSum();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 4; i++) {
      Thread thread =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((_, e) -> failures.add(e))
              .unstarted(() -> {
                try (BackendFixture own = new BackendFixture(directory, new PjrtBackend());
                    ModelInstance instance = model.newInstance(Device.CPU)) {
                  for (int run = 0; run < 50; run++) {
                    List<Tensor> answers =
                        own.run(
                            model.config(), instance, 3, tensor("x", 3, run), tensor("y", 3, 1));
                    assertThat(answers.getFirst().toFloats()).startsWith(run + 1f, run + 3f);
                  }
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void moreRowsThanTheLargestProgramAreRefusedAtLoad() {
    fixture.put("model.2.stablehlo", program(2));
    assertRefused(CONFIG, "max_batch_size: 4, but there are programs for [2] rows");
  }

  @Test
  void aFileOfAnotherFrameworkIsNamed() {
    fixture.put("model.4.stablehlo", "\u0008\u0007 onnx".getBytes(StandardCharsets.UTF_8));
    assertRefused(CONFIG, "model.4.stablehlo cannot be compiled (expected: StableHLO as MLIR)");
  }

  @Test
  void aTruncatedFileIsNamed() {
    fixture.put("model.4.stablehlo", Arrays.copyOf(program(4), 150));
    assertRefused(CONFIG, "model.4.stablehlo cannot be compiled");
  }

  @Test
  void aMissingOperatorIsNamed() {
    String unknown = new String(program(4), StandardCharsets.UTF_8).replace(".reverse", ".frob");
    fixture.put("model.4.stablehlo", unknown.getBytes(StandardCharsets.UTF_8));
    assertRefused(CONFIG, "model.4.stablehlo cannot be compiled");
  }

  @Test
  void outputsThatTheProgramDoesNotHaveAreRefused() {
    fixture.put("model.4.stablehlo", program(4));
    assertRefused(
        CONFIG.replace("'flipped' data_type: TYPE_FP32", "'flipped' data_type: TYPE_INT32"),
        "has the outputs [FP32 [4,3], FP32 [4,3]] (expected: [FP32 [4,3], INT32 [4,3]]");
  }

  @Test
  void inputsThatTheProgramDoesNotTakeAreRefused() {
    fixture.put("model.4.stablehlo", program(4));
    assertRefused(
        CONFIG.replace(
            "'y' data_type: TYPE_FP32 dims: [ 3 ]", "'y' data_type: TYPE_FP32 dims: [ 5 ]"),
        "does not take the inputs [FP32 [4,3], FP32 [4,5]]");
  }

  @Test
  void anInputOfAnotherNameIsRefusedAndTheNextBatchRuns() {
    BackendModel model = loadSum();
    assertThatThrownBy(() -> fixture.run(model, 2, tensor("x", 2, 1), tensor("z", 2, 1)))
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("input 'z' FP32 [2,3] (expected: 'y' FP32 [2,3])");
    assertThat(fixture.run(model, 2, tensor("x", 2, 1), tensor("y", 2, 1))).hasSize(2);
  }

  @Test
  void aPluginOfAnotherMajorVersionIsRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment head = arena.allocate(1024, 8);
      head.set(ValueLayout.JAVA_LONG, 0, 1024);
      head.set(ValueLayout.JAVA_INT, 32, 1);
      head.set(ValueLayout.JAVA_INT, 36, 70);
      assertThatThrownBy(() -> PjrtApi.of(head, Path.of("other.so")))
          .isInstanceOf(PjrtException.class)
          .hasMessageContaining("other.so has version 1.70 of PJRT's interface")
          .hasMessageContaining("expected: version 0.33 or a later 0.x");
    }
  }

  @Test
  void aPluginThatIsNotThereOrIsNoneIsNamed() throws IOException {
    Path text = Files.writeString(directory.resolve("plugin.so"), "no library");
    for (Path plugin : List.of(text, directory.resolve("missing.so"))) {
      assertThatThrownBy(() -> PjrtApi.load(plugin))
          .isInstanceOf(PjrtException.class)
          .hasMessageContaining(plugin + " cannot be loaded");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16})
  void bbhRebuiltInJaxAnswersAsItsReference(int rows) throws IOException {
    Path examples = Path.of(System.getProperty("etalon.root", "../..")).resolve("examples");
    Path model = examples.resolve("jax/bbh_jax");
    Path reference = examples.resolve("models/bbh/reference");
    fixture.put("model.16.stablehlo", Files.readAllBytes(model.resolve("1/model.16.stablehlo")));
    fixture.assertReproduces(
        fixture.load(
            fixture.config(
                Files.readString(model.resolve("config.pbtxt")).replaceFirst("backend:.*", ""))),
        rows,
        1e-4f,
        Npy.read(reference.resolve("output_v1.npy")),
        Map.of("strain", Npy.read(reference.resolve("input.npy"))));
  }

  private void assertRefused(String config, String message) {
    assertThatThrownBy(() -> fixture.load(fixture.config(config)))
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContaining(message);
  }
}
