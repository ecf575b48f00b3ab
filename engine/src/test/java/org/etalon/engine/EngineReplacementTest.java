package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.InferenceResponse;
import org.etalon.inference.ModelId;
import org.etalon.inference.Shape;
import org.etalon.inference.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineReplacementTest {
  private static final int ASKERS = 4;
  private static final int REPLACEMENTS = 40;

  @TempDir private Path folder;
  private final FakeBackend backend = new FakeBackend();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void losesNoRequestWhileVersionsAreReplaced(boolean isNewVersion) throws InterruptedException {
    FakeRepository repository = new FakeRepository(folder).model("m", 1, "add 1");
    EngineConfig config =
        EngineConfig.of(List.of(folder)).withControl(ModelControl.EXPLICIT, Set.of("m"));
    Askers askers;
    try (Engine engine = Engine.start(config, List.of(backend))) {
      askers = new Askers(engine);
      for (int i = 2; i <= REPLACEMENTS; i++) {
        long before = askers.answered.get();
        repository.model("m", isNewVersion ? i : 1, "add " + i);
        engine.load("m").join();
        while (askers.answered.get() < before + ASKERS && askers.failures.isEmpty()) {
          Thread.onSpinWait();
        }
      }
      askers.stop();
    }
    assertThat(askers.failures).isEmpty();
    assertThat(askers.answered.get()).isGreaterThanOrEqualTo(ASKERS * (REPLACEMENTS - 1L));
    assertThat(backend.loads()).isEqualTo(REPLACEMENTS);
    assertThat(backend.liveModels()).isZero();
    assertThat(backend.liveInstances()).isZero();
  }

  /**
   * Threads that ask one after another and check that answers never go back to an older version.
   */
  private static final class Askers {
    final AtomicLong answered = new AtomicLong();
    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isStopped = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();

    Askers(Engine engine) {
      for (int i = 0; i < ASKERS; i++) {
        threads.add(Thread.ofPlatform().start(() -> ask(engine)));
      }
    }

    private void ask(Engine engine) {
      float last = 0;
      while (!isStopped.get()) {
        InferenceRequest request =
            InferenceRequest.of(ModelId.of("m"), Tensor.of("x", Shape.of(1, 1), new float[] {0}));
        try (InferenceResponse response = engine.infer(request).join()) {
          float version = response.output("y").toFloats()[0];
          if (version < last) {
            failures.add("answered by %s after %s".formatted(version, last));
          }
          last = version;
          answered.incrementAndGet();
        } catch (RuntimeException e) {
          failures.add(e.toString());
        }
      }
    }

    void stop() throws InterruptedException {
      isStopped.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
