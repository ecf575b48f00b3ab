package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.etalon.engine.testing.RowRequests.ask;
import static org.etalon.engine.testing.RowRequests.failure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.etalon.engine.backend.InstanceProcess;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.engine.worker.TroubledBackend;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each of these starts processes. */
class WorkerProcessesTest {
  private static final String APART =
      """
      max_batch_size: 64
      dynamic_batching { }
      parameters { key: "worker_process" value { string_value: "true" } }
      """;

  @TempDir Path folder;

  private FakeRepository repository;

  @BeforeEach
  void makeRepository() {
    repository = new FakeRepository(folder);
  }

  private void model(String name, String trouble, String config) {
    repository.file(name, "1/model.troubled", trouble).config(name, config);
  }

  private Engine serve() {
    EngineConfig config =
        EngineConfig.of(List.of(folder))
            .withControl(ModelControl.EXPLICIT, Set.of("*"))
            .withShutdownGrace(Duration.ofSeconds(10));
    return Engine.start(config, List.of(new TroubledBackend()));
  }

  private static InstanceProcess process(Engine engine) {
    return engine.instances().getFirst().process().orElseThrow();
  }

  @Test
  void answersLikeAModelInsideWhateverTheSize() {
    model("m", "", APART);
    try (Engine engine = serve()) {
      for (int size : new int[] {1, 100, 1_000_000, 3}) {
        float[] row = new float[size];
        row[size - 1] = 41;
        float[] got = ask(engine, "m", row).join();
        assertThat(got).hasSize(size);
        assertThat(got[size - 1]).isEqualTo(42);
      }
      InstanceProcess process = process(engine);
      assertThat(process.pid().orElseThrow()).isNotEqualTo(ProcessHandle.current().pid());
      assertThat(process.starts()).isEqualTo(1);
      assertThat(process.startup()).isPositive();
      assertThat(process.residentBytes().orElseThrow()).isGreaterThan(1 << 20);
    }
  }

  @Test
  void aCrashFailsTheRequestThatCausedItAndNoOther() {
    model("m", "", APART);
    model("other", "", APART);
    try (Engine engine = serve()) {
      CompletableFuture<float[]> bad = ask(engine, "m", TroubledBackend.CRASH);
      List<CompletableFuture<float[]>> good =
          IntStream.range(0, 8).mapToObj(i -> ask(engine, "m", i)).toList();
      assertThat(ask(engine, "other", 1).join()).containsExactly(2);
      assertThat(failure(bad))
          .hasMessageContaining("model 'm/1': worker process 0 crashed (SIGSEGV in [libc")
          .hasMessageContaining("for the second time")
          .extracting(ServingException::code)
          .isEqualTo(ErrorCode.INTERNAL);
      for (int i = 0; i < good.size(); i++) {
        assertThat(good.get(i).join()).containsExactly(i + 1);
      }
      assertThat(process(engine).starts()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void requestsRunElsewhereWhileAProcessIsStartedAgain() {
    model("m", "", APART + "instance_group { count: 2 kind: KIND_CPU }");
    try (Engine engine = serve()) {
      long pid = process(engine).pid().orElseThrow();
      ProcessHandle killed = ProcessHandle.of(pid).orElseThrow();
      assertThat(killed.destroyForcibly()).isTrue();
      List<CompletableFuture<float[]>> all =
          IntStream.range(0, 50).mapToObj(i -> ask(engine, "m", i)).toList();
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).join()).containsExactly(i + 1);
      }
    }
  }

  @Test
  void aProcessThatEndsWithoutARequestIsStartedAgain() {
    model("m", "", APART);
    try (Engine engine = serve()) {
      ProcessHandle worker = ProcessHandle.of(process(engine).pid().orElseThrow()).orElseThrow();
      assertThat(worker.destroyForcibly()).isTrue();
      worker.onExit().join();
      assertThat(ask(engine, "m", 1).join()).containsExactly(2);
      assertThat(process(engine).starts()).isEqualTo(2);
      assertThat(process(engine).lastEnd().orElseThrow()).contains("ended by signal 9");
    }
  }

  @Test
  void aBatchThatTakesTooLongIsEnded() {
    model(
        "m", "", APART + "parameters { key: 'worker_run_seconds' value { string_value: '0.3' } }");
    try (Engine engine = serve()) {
      assertThat(failure(ask(engine, "m", TroubledBackend.HANG)))
          .hasMessageContaining("was ended: it ran a batch for more than PT0.3S");
      assertThat(ask(engine, "m", 1).join()).containsExactly(2);
    }
  }

  @Test
  void aProcessThatTakesMoreMemoryThanItMayIsEnded() {
    model(
        "m",
        "",
        APART + "parameters { key: 'worker_memory_bytes' value { string_value: '600000000' } }");
    model("other", "", APART);
    try (Engine engine = serve()) {
      CompletableFuture<float[]> bad = ask(engine, "m", TroubledBackend.EAT_MEMORY);
      assertThat(ask(engine, "other", 1).join()).containsExactly(2);
      assertThat(failure(bad))
          .hasMessageContaining("was ended: it held ")
          .hasMessageContaining(" bytes of memory (expected: 600000000 at most)");
      assertThat(ask(engine, "m", 1).join()).containsExactly(2);
    }
  }

  @Test
  void outOfMemoryFailsTheRequestAlone() {
    model("m", "", APART);
    try (Engine engine = serve()) {
      assertThat(failure(ask(engine, "m", TroubledBackend.RUN_OUT_OF_MEMORY)))
          .hasMessageContaining("out of memory in the worker process");
      assertThat(ask(engine, "m", 1).join()).containsExactly(2);
      assertThat(process(engine).starts()).isEqualTo(1);
    }
  }

  @Test
  void errorsOfTheModelAreTheOnesThatItGives() {
    model("m", "", APART);
    try (Engine engine = serve()) {
      assertThat(failure(ask(engine, "m", TroubledBackend.REFUSE)))
          .hasMessage("refused, as ordered")
          .extracting(ServingException::code)
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(failure(ask(engine, "m", TroubledBackend.EXIT)))
          .hasMessageContaining("ended with exit status 3");
    }
  }

  @Test
  void aModelThatCannotBeLoadedSaysWhyAndTheOthersServe() {
    model("good", "", APART);
    model("crashes", "-1", APART);
    model("exits", "-4", APART);
    model("refuses", "-5", APART);
    model(
        "hangs",
        "-2",
        APART + "parameters { key: 'worker_start_seconds' value { string_value: '3' } }");
    try (Engine engine = serve()) {
      assertThat(ask(engine, "good", 1).join()).containsExactly(2);
      Map<String, String> reasons = new HashMap<>();
      engine.index().forEach(entry -> reasons.put(entry.model(), entry.reason()));
      assertThat(reasons.get("crashes"))
          .contains("crashed (SIGSEGV in [libc", "while it loaded the model");
      assertThat(reasons.get("exits")).contains("ended with exit status 3");
      assertThat(reasons.get("refuses")).contains("refused, as ordered");
      assertThat(reasons.get("hangs")).contains("was ended: it was not ready within PT3S");
    }
  }

  @Test
  void nothingIsLeftOfAModelThatIsUnloaded() throws IOException {
    model("m", "", APART);
    long before = meetings();
    ProcessHandle worker;
    try (Engine engine = serve()) {
      assertThat(ask(engine, "m", 1).join()).containsExactly(2);
      OptionalLong pid = process(engine).pid();
      worker = ProcessHandle.of(pid.orElseThrow()).orElseThrow();
    }
    assertThat(worker.isAlive()).isFalse();
    assertThat(meetings()).isEqualTo(before);
  }

  private static long meetings() throws IOException {
    try (Stream<Path> found = Files.list(Path.of("/dev/shm"))) {
      return found
          .filter(path -> path.getFileName().toString().startsWith("etalon-worker"))
          .count();
    }
  }

  @Test
  void workersEndWithAServiceThatIsKilledAlsoInTheMiddleOfARun() throws IOException {
    model("m", "", APART);
    Process service =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Service.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(service.getInputStream(), StandardCharsets.UTF_8))) {
      ProcessHandle worker = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
      service.destroyForcibly();
      worker.onExit().join();
      assertThat(worker.isAlive()).isFalse();
    }
  }

  /** A service whose worker hangs; tells that one's process. */
  static final class Service {
    private Service() {}

    public static void main(String[] arguments) {
      Engine engine =
          Engine.start(
              EngineConfig.of(List.of(Path.of(arguments[0]))), List.of(new TroubledBackend()));
      var _ = ask(engine, "m", TroubledBackend.HANG);
      System.out.println(process(engine).pid().orElseThrow());
      ask(engine, "m", TroubledBackend.HANG).join();
    }
  }
}
