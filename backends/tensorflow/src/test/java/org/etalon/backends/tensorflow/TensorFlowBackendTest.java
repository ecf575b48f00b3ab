package org.etalon.backends.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.testing.ResidentMemory;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TensorFlowBackendTest {
  /** What loading small graphs and their first runs may leave behind in TensorFlow's caches. */
  private static final long MAX_GROWTH_BYTES = 48L << 20;

  @TempDir Path directory;
  private TensorFlowFixture fixture;

  @BeforeEach
  void open() {
    fixture = new TensorFlowFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static GraphFile negation() {
    return new GraphFile()
        .input("x", GraphFile.FLOAT, -1, 2)
        .output("y", "Neg", GraphFile.FLOAT, new long[] {-1, 2}, "T", "x");
  }

  private static GraphFile sum() {
    return new GraphFile()
        .input("a", GraphFile.FLOAT, -1)
        .input("b", GraphFile.FLOAT, -1)
        .output("sum", "AddV2", GraphFile.FLOAT, new long[] {-1}, "T", "a", "b");
  }

  private static void assertRefused(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContainingAll(words);
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::type))
        .contains(TensorFlowBackend.class);
  }

  @Test
  void configurationIsCompletedFromTheSignature() {
    assertThat(fixture.load(negation(), "").config())
        .isEqualTo(
            fixture.config(
                "max_batch_size: 1 input { name: 'x' data_type: TYPE_FP32 dims: [2] } output { name: 'y' data_type: TYPE_FP32 dims: [2] }"));
    assertThat(fixture.load(negation(), "max_batch_size: 7 output { name: 'y' }").config())
        .isEqualTo(
            fixture.config(
                "max_batch_size: 7 input { name: 'x' data_type: TYPE_FP32 dims: [2] } output { name: 'y' data_type: TYPE_FP32 dims: [2] }"));
  }

  @Test
  void contradictionsAreRefusedAllAtOnce() {
    assertRefused(
        () ->
            fixture.load(
                negation(),
                "max_batch_size: 4 input { name: 'x' data_type: TYPE_INT8 dims: [3] } output { name: 'z' }"),
        ErrorCode.INVALID_ARGUMENT,
        "input 'x': data_type TYPE_INT8 (expected: TYPE_FP32",
        "input 'x': dims [3] (expected: [2]",
        "output 'z' is not in the signature (its outputs: y)");
    assertRefused(
        () -> fixture.load(sum(), "max_batch_size: 4 input { name: 'a' dims: [] }"),
        ErrorCode.INVALID_ARGUMENT,
        "input 'b' of the signature is not in the configuration");
  }

  @ParameterizedTest
  @EnumSource(value = DataType.class, mode = EnumSource.Mode.EXCLUDE, names = "BYTES")
  void carriesElementsOfEveryTypeUnchanged(DataType datatype) {
    int type = ElementType.number(datatype);
    BackendModel model =
        fixture.load(
            new GraphFile()
                .input("x", type, 3)
                .output("y", "Identity", type, new long[] {3}, "T", "x"),
            "");
    byte[] elements = new byte[3 * datatype.elementBytes()];
    new Random(1).nextBytes(elements);
    if (datatype == DataType.BOOL) {
      elements = new byte[] {1, 0, 1};
    }
    Tensor x = new Tensor("x", datatype, Shape.of(3), MemorySegment.ofArray(elements));
    Tensor output = fixture.run(model, 1, x).getFirst();
    assertThat(output.datatype()).isEqualTo(datatype);
    assertThat(output.data().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(elements);
  }

  @Test
  void carriesStringsOfAnyBytesAndLengths() {
    BackendModel model =
        fixture.load(
            new GraphFile()
                .input("x", GraphFile.STRING, -1)
                .output("y", "Identity", GraphFile.STRING, new long[] {-1}, "T", "x"),
            "");
    byte[] bytes = {0, -1, 7};
    List<byte[]> elements =
        List.of(
            new byte[0], bytes, "a longer text than fits inside".getBytes(StandardCharsets.UTF_8));
    Tensor x = new Tensor("x", DataType.BYTES, Shape.of(3), BytesElements.encode(elements));
    Tensor output = fixture.run(model, 3, x).getFirst();
    assertThat(BytesElements.decode(output.data())).containsExactlyElementsOf(elements);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void batchedEqualsOneByOne(int rows) {
    BackendModel model = fixture.load(negation(), "");
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
      Tensor one = Tensor.of("x", Shape.of(1, 2), Arrays.copyOfRange(values, 2 * i, 2 * i + 2));
      assertThat(fixture.run(model.config(), instance, 1, one).getFirst().toFloats())
          .containsExactly(together[2 * i], together[2 * i + 1]);
    }
  }

  @Test
  void instancesRunSideBySide() {
    BackendModel model = fixture.load(negation(), "");
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      float value = i;
      CompletableFuture<Void> done = new CompletableFuture<>();
      running.add(done);
      Thread.ofPlatform()
          .start(() -> {
            try (TensorFlowFixture own = new TensorFlowFixture(directory);
                ModelInstance instance = model.newInstance(Device.CPU)) {
              for (int run = 0; run < 50; run++) {
                Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {value, run});
                assertThat(own.run(model.config(), instance, 1, x).getFirst().toFloats())
                    .containsExactly(-value, -(float) run);
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
    BackendModel model = fixture.load(sum(), "");
    ModelInstance instance = fixture.instance(model);
    Tensor a = Tensor.of("a", Shape.of(2), new float[] {1, 2});
    Tensor three = Tensor.of("b", Shape.of(3), new float[] {1, 2, 3});
    assertRefused(
        () -> fixture.run(model.config(), instance, 2, a, three),
        ErrorCode.INVALID_ARGUMENT,
        "Incompatible shapes");
    Tensor b = Tensor.of("b", Shape.of(2), new float[] {1, 2});
    assertThat(fixture.run(model.config(), instance, 2, a, b).getFirst().toFloats())
        .containsExactly(2, 4);
    assertRefused(
        () -> fixture.run(model.config(), instance, 2, a), ErrorCode.INVALID_ARGUMENT, "1 inputs");
  }

  @Test
  void foldersThatAreNoSavedModelAreNamed() {
    assertRefused(
        () -> fixture.load(fixture.config("")),
        ErrorCode.INVALID_ARGUMENT,
        "there is no saved_model.pb");
    fixture.put("model.savedmodel/saved_model.pb", new byte[] {8, 7, 18, 4, 't', 'e', 's', 't'});
    assertRefused(
        () -> fixture.load(fixture.config("")),
        ErrorCode.INVALID_ARGUMENT,
        "TensorFlow refuses the files");
  }

  @Test
  void operatorSignatureAndTagThatAreNotThereAreNamed() {
    GraphFile unknown =
        new GraphFile()
            .input("x", GraphFile.FLOAT, -1)
            .output("y", "NoSuchOperator", GraphFile.FLOAT, new long[] {-1}, "T", "x");
    assertRefused(() -> fixture.load(unknown, ""), ErrorCode.INVALID_ARGUMENT, "NoSuchOperator");
    String parameter = "parameters { key: '%s' value { string_value: 'other' } }";
    assertRefused(
        () -> fixture.load(negation(), parameter.formatted("TF_SIGNATURE_DEF")),
        ErrorCode.INVALID_ARGUMENT,
        "no signature 'other' (expected: one of [serving_default]");
    assertRefused(
        () -> fixture.load(negation(), parameter.formatted("TF_GRAPH_TAG")),
        ErrorCode.INVALID_ARGUMENT,
        "other");
  }

  @Test
  void elementsThatTheProtocolCannotCarryAreRefused() {
    GraphFile complex =
        new GraphFile()
            .input("x", GraphFile.COMPLEX64, -1)
            .output("y", "Identity", GraphFile.COMPLEX64, new long[] {-1}, "T", "x");
    assertRefused(() -> fixture.load(complex, ""), ErrorCode.UNIMPLEMENTED, "input 'x'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TF_NUM_INTRA_THREADS | none | expected: 1 to 4096",
        "TF_NUM_INTER_THREADS | 0 | expected: 1 to 4096",
        "TF_USE_PER_SESSION_THREADS | maybe | expected: yes or no",
        "TF_NUM_INTRA_THREAD | 1 | is not known (expected: TF_NUM_INTRA_THREADS",
      })
  void wrongParametersAreRefusedByName(String name, String value, String words) {
    String config = "parameters { key: '%s' value { string_value: '%s' } }".formatted(name, value);
    assertRefused(
        () -> fixture.load(negation(), config),
        ErrorCode.INVALID_ARGUMENT,
        "parameter " + name,
        words);
  }

  @Test
  void heededParametersAreTaken() {
    String parameter = "parameters { key: '%s' value { string_value: '%s' } } ";
    BackendModel model =
        fixture.load(
            negation(),
            parameter.formatted("TF_NUM_INTER_THREADS", "2")
                + parameter.formatted("TF_USE_PER_SESSION_THREADS", "yes"));
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, 2});
    assertThat(fixture.run(model, 1, x).getFirst().toFloats()).containsExactly(-1, -2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void damagedFilesAreRefusedOrRun(int firstSeed) {
    byte[] file = negation().bytes();
    for (int seed = firstSeed * 10; seed < firstSeed * 10 + 10; seed++) {
      Random random = new Random(seed);
      byte[] damaged =
          Arrays.copyOf(file, seed % 2 == 0 ? file.length : 1 + random.nextInt(file.length - 1));
      for (int i = 0; i < 3; i++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      fixture.put("model.savedmodel/saved_model.pb", damaged);
      try (BackendModel model = fixture.backend().load(fixture.files(), fixture.config(""))) {
        assertThat(model.config().getBackend()).isEqualTo("tensorflow");
      } catch (ServingException e) {
        assertThat(e).hasMessageContaining("model 'test' version 1");
        assertThat(e.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED);
      }
    }
  }

  @Test
  void loadingRunningAndClosingManyTimesGivesMemoryBack() {
    fixture.put("model.savedmodel/saved_model.pb", negation().bytes());
    loadRunAndClose(50);
    long before = ResidentMemory.bytes();
    loadRunAndClose(150);
    assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  private void loadRunAndClose(int times) {
    Tensor x = Tensor.of("x", Shape.of(1, 2), new float[] {1, 2});
    for (int i = 0; i < times; i++) {
      try (TensorFlowFixture own = new TensorFlowFixture(directory);
          BackendModel model = own.backend().load(own.files(), own.config(""));
          ModelInstance instance = model.newInstance(Device.CPU)) {
        own.run(model.config(), instance, 1, x);
      }
    }
  }

  /** Inputs and outputs of 512 KiB, strings of 100 KB: 1,000 kept would be 100 to 500 MiB. */
  @Test
  void runningManyTimesGivesMemoryBack() {
    BackendModel model =
        fixture.load(
            new GraphFile()
                .input("x", GraphFile.FLOAT, 131072)
                .input("s", GraphFile.STRING, 10)
                .output("y", "Neg", GraphFile.FLOAT, new long[] {131072}, "T", "x")
                .output("t", "Identity", GraphFile.STRING, new long[] {10}, "T", "s"),
            "");
    ModelInstance instance = fixture.instance(model);
    Tensor x = Tensor.of("x", Shape.of(131072), new float[131072]);
    List<String> words = java.util.Collections.nCopies(10, "w".repeat(10_000));
    Tensor s = Tensor.ofStrings("s", Shape.of(10), words);
    Batch first = fixture.batch(model.config(), 1, new boolean[] {true, true}, x, s);
    run(instance, first.inputs(), 100);
    long before = AllocatedMemory.bytes();
    run(instance, first.inputs(), 1000);
    assertThat(AllocatedMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  private static void run(ModelInstance instance, List<Tensor> inputs, int times) {
    try (OutputMemory.Pool pool = new OutputMemory.Pool()) {
      for (int i = 0; i < times; i++) {
        OutputMemory memory = pool.open();
        instance.execute(
            new Batch(1, inputs, List.of("y", "t"), new boolean[] {true, false}, memory));
        memory.release();
      }
    }
  }
}
