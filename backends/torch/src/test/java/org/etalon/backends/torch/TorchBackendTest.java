package org.etalon.backends.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import org.etalon.backends.torch.ForwardMethod.Argument;
import org.etalon.engine.backend.Backend;
import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Batch;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.testing.ResidentMemory;
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
import org.junit.jupiter.params.provider.ValueSource;

final class TorchBackendTest {
  private static final String TWO_SCORES =
      """
      max_batch_size: 64
      input { name: 'INPUT__0' data_type: TYPE_FP32 dims: [1] }
      input { name: 'INPUT__1' data_type: TYPE_FP32 dims: [1] }
      output { name: 'OUTPUT__0' data_type: TYPE_FP32 dims: [1] }
      """;

  /** What loading a network of 5 KB and its first runs may leave behind in libtorch's caches. */
  private static final long MAX_GROWTH_BYTES = 48L << 20;

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

  private void assertRefused(String config, ErrorCode code, String... words) {
    assertThatThrownBy(() -> fixture.load(fixture.config(config)))
        .isInstanceOfSatisfying(ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining("model 'test' version 1")
        .hasMessageContainingAll(words);
  }

  @Test
  void isFoundByTheServiceLoader() {
    assertThat(ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::type))
        .contains(TorchBackend.class);
  }

  @Test
  void withoutDescriptionsSaysWhatTheConfigurationMustHold() {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    assertRefused(
        "",
        ErrorCode.INVALID_ARGUMENT,
        "holds neither data types nor shapes",
        "forward(score_h1: Tensor, score_l1: Tensor) -> Tensor",
        "input { name: \"score_h1\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INPUT__1 | INPUT__2",
        "INPUT__0 | INPUT__0",
        "score_h1 | score_h1",
      })
  void inputsThatDoNotFitTheMethodAreRefused(String first, String second) {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    assertRefused(
        TWO_SCORES.replace("INPUT__0", "@").replace("INPUT__1", second).replace("@", first),
        ErrorCode.INVALID_ARGUMENT,
        "do not fit forward(score_h1: Tensor, score_l1: Tensor)",
        "expected: 2, named INPUT__0 and so on or score_h1, score_l1");
  }

  @Test
  void stringsAreRefused() {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    assertRefused(
        TWO_SCORES.replaceFirst("TYPE_FP32", "TYPE_STRING"),
        ErrorCode.INVALID_ARGUMENT,
        "input 'INPUT__0': TYPE_STRING");
  }

  @Test
  void fileThatIsNotThereIsNamed() {
    assertRefused(TWO_SCORES, ErrorCode.INVALID_ARGUMENT, "model.pt", "no such file");
  }

  @Test
  void filesOfOtherKindsAreNamed() {
    fixture.put("model.pt", new byte[] {8, 7, 18, 4, 't', 'e', 's', 't'}); // as ONNX begins
    assertRefused(TWO_SCORES, ErrorCode.INVALID_ARGUMENT, "not a TorchScript file");
    fixture.put("model.pt", ScriptFile.withoutCode());
    assertRefused(TWO_SCORES, ErrorCode.INVALID_ARGUMENT, "weights without code", "torch.jit.save");
  }

  @Test
  void operatorThatIsNotThereIsNamed() {
    fixture.put(
        "model.pt",
        ScriptFile.of(
            "  def forward(self, x: Tensor) -> Tensor:\n    return torch.no_such_operator(x)\n"));
    assertRefused(
        "input { name: 'x' data_type: TYPE_FP32 dims: [1] } output { name: 'y' data_type: TYPE_FP32 dims: [1] }",
        ErrorCode.INVALID_ARGUMENT,
        "libtorch refuses the file",
        "no_such_operator");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void damagedFilesAreRefusedOrLoad(int firstSeed) {
    byte[] file = fixture.resource("coincidence.pt");
    for (int seed = firstSeed * 10; seed < firstSeed * 10 + 10; seed++) {
      Random random = new Random(seed);
      byte[] damaged =
          Arrays.copyOf(file, seed % 2 == 0 ? file.length : random.nextInt(file.length));
      for (int i = 0; i < 8 && damaged.length > 0; i++) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      fixture.put("model.pt", damaged);
      try (BackendModel model =
          fixture.backend().load(fixture.files(), fixture.config(TWO_SCORES))) {
        assertThat(model.config().getInputCount()).isEqualTo(2);
      } catch (ServingException e) {
        assertThat(e).hasMessageContaining("model 'test' version 1");
        assertThat(e.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.UNIMPLEMENTED);
      }
    }
  }

  @Test
  void deviceThatIsNotThereIsRefusedWithThoseThatAre() {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    BackendModel model = fixture.load(fixture.config(TWO_SCORES));
    assertThat(fixture.backend().devices()).first().isEqualTo(Device.CPU);
    assertThatThrownBy(() -> model.newInstance(new Device(Device.Kind.CUDA, 77)))
        .hasMessageContaining("no device cuda:77 (available: [cpu");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INTRA_OP_THREAD_COUNT | 0 | expected: 1 to 4096",
        "DISABLE_OPTIMIZED_EXECUTION | maybe | expected: true or false",
        "INTRA_OP_THREADS | 1 | is not known (expected: INTRA_OP_THREAD_COUNT",
      })
  void wrongParametersAreRefusedByName(String name, String value, String words) {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    assertRefused(
        TWO_SCORES + "parameters { key: '%s' value { string_value: '%s' } }".formatted(name, value),
        ErrorCode.INVALID_ARGUMENT,
        "parameter " + name,
        words);
  }

  @Test
  void heededParametersAndThoseOfNoEffectAreTaken() {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    String parameter = "parameters { key: '%s' value { string_value: '%s' } } ";
    BackendModel model =
        fixture.load(
            fixture.config(
                TWO_SCORES
                    + parameter.formatted("INTRA_OP_THREAD_COUNT", "2")
                    + parameter.formatted("DISABLE_OPTIMIZED_EXECUTION", "true")
                    + parameter.formatted("INFERENCE_MODE", "false")
                    + parameter.formatted("ENABLE_NVFUSER", "true")));
    Tensor h1 = Tensor.of("INPUT__0", Shape.of(1, 1), new float[] {1});
    Tensor l1 = Tensor.of("INPUT__1", Shape.of(1, 1), new float[] {2});
    assertThat(fixture.run(model, 1, h1, l1)).hasSize(1);
  }

  @Test
  void readsArgumentsOfAllKindsOutOfTheCode() {
    String code =
        """
        class Other(Module):
          def forward(self) -> int:
            return 1
        class Net(Module):
          def helper(self, y: int) -> int:
            return y
          def forward(self: __torch__.Net,
            x: Tensor,
            pairs: Dict[str, Tuple[Tensor, int]],
            n: int=3,
            m: Optional[Tensor]=None) -> Tuple[Tensor, Tensor]:
            return (x, x)
        """;
    ForwardMethod forward = ScriptArchive.forward(code, "Net").orElseThrow();
    assertThat(forward.arguments())
        .containsExactly(
            new Argument("x", "Tensor", false),
            new Argument("pairs", "Dict[str, Tuple[Tensor, int]]", false),
            new Argument("n", "int", true),
            new Argument("m", "Optional[Tensor]", true));
    assertThat(forward.result()).isEqualTo("Tuple[Tensor, Tensor]");
  }

  @Test
  void loadingRunningAndClosingManyTimesGivesMemoryBack() {
    fixture.put("model.pt", fixture.resource("coincidence.pt"));
    loadRunAndClose(60);
    long before = ResidentMemory.bytes();
    loadRunAndClose(150);
    assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  /** Inputs of 256 KiB and outputs of as much: 1,000 kept would be 500 MiB. */
  @Test
  void runningManyTimesGivesMemoryBack() {
    BackendModel model =
        fixture.loadScript(
            "  def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:\n    return (torch.neg(x), torch.neg(x))\n",
            "input { name: 'x' data_type: TYPE_FP32 dims: [65536] } output { name: 'y' data_type: TYPE_FP32 dims: [65536] }");
    ModelInstance instance = fixture.instance(model);
    Tensor x = Tensor.of("x", Shape.of(65536), new float[65536]);
    Batch first = fixture.batch(model.config(), 1, new boolean[] {true}, x);
    run(instance, first.inputs(), 100);
    long before = ResidentMemory.bytes();
    run(instance, first.inputs(), 1000);
    assertThat(ResidentMemory.bytes() - before).isLessThan(MAX_GROWTH_BYTES);
  }

  private static void run(ModelInstance instance, List<Tensor> inputs, int times) {
    try (OutputMemory.Pool pool = new OutputMemory.Pool()) {
      for (int i = 0; i < times; i++) {
        OutputMemory memory = pool.open();
        instance.execute(new Batch(1, inputs, List.of("y"), new boolean[] {true}, memory));
        memory.release();
      }
    }
  }

  private void loadRunAndClose(int times) {
    Tensor h1 = Tensor.of("INPUT__0", Shape.of(1, 1), new float[] {1});
    Tensor l1 = Tensor.of("INPUT__1", Shape.of(1, 1), new float[] {2});
    for (int i = 0; i < times; i++) {
      try (TorchFixture own = new TorchFixture(directory);
          BackendModel model = own.backend().load(own.files(), own.config(TWO_SCORES));
          ModelInstance instance = model.newInstance(Device.CPU)) {
        own.run(model.config(), instance, 1, h1, l1);
      }
    }
  }
}
