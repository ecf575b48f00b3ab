package org.etalon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.etalon.engine.config.EngineConfig;
import org.etalon.engine.config.EngineConfig.ModelControl;
import org.etalon.engine.repository.RemoteRepository;
import org.etalon.engine.status.ModelIndexEntry;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ModelId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineRemoteTest {
  private final FakeBackend backend = new FakeBackend();
  private final FakeRemote remote;
  private final FakeRepository there;

  EngineRemoteTest(@TempDir Path base) throws IOException {
    remote = new FakeRemote(base.toRealPath());
    there = new FakeRepository(remote.origin);
  }

  private Engine start(ModelControl control, String... models) {
    return Engine.start(
        EngineConfig.of(List.of(remote.folder()))
            .withControl(control, Set.of(models))
            .withPollInterval(Duration.ofDays(1)),
        List.of(remote),
        List.of(backend));
  }

  private static long version(Engine engine) {
    return engine.metadata(ModelId.of("m")).versions().getLast();
  }

  private boolean isCopied(String name) {
    return Files.exists(remote.folder().resolve(name));
  }

  @Test
  void servesTheLatestVersionAndCopiesNoOther() {
    there.model("m", 1, "add 1").model("m", 2, "add 2");

    try (Engine engine = start(ModelControl.NONE)) {
      assertThat(engine.metadata(ModelId.of("m")).versions()).containsExactly(2L);
      assertThat(isCopied("m/1")).isFalse();
    }
    assertThat(remote.isClosed).isTrue();
    assertThat(backend.liveModels()).isZero();
  }

  @Test
  void takesANewVersionOnceItWasSeenTwice() {
    there.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.POLL)) {
      there.model("m", 2, "add 2");
      engine.look().join();
      assertThat(version(engine)).isEqualTo(1);
      assertThat(isCopied("m/1")).as("the copy that serves").isTrue();

      engine.look().join();
      assertThat(version(engine)).isEqualTo(2);

      engine.look().join();
      assertThat(isCopied("m/1")).isFalse();
    }
  }

  @Test
  void goesBackToTheVersionBeforeWhenOneIsDeleted() throws IOException {
    there.model("m", 1, "add 1").model("m", 2, "add 2");
    try (Engine engine = start(ModelControl.POLL)) {
      FakeRemote.delete(there.path("m").resolve("2"));
      engine.look().join();
      engine.look().join();
      assertThat(version(engine)).isEqualTo(1);
    }
  }

  @Test
  void servesOnWhileTheRepositoryCannotBeReached() {
    there.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.POLL)) {
      remote.isAway = true;
      there.model("m", 2, "add 2");
      assertThatThrownBy(engine::look).hasMessageContaining("the store is away");
      assertThatThrownBy(engine::look).hasMessageContaining("the store is away");
      assertThat(version(engine)).isEqualTo(1);
      assertThat(engine.isReady()).isTrue();

      remote.isAway = false;
      engine.look().join();
      engine.look().join();
      assertThat(version(engine)).isEqualTo(2);
    }
  }

  @Test
  void saysInTheIndexWhatCouldNotBeCopiedAndServesOn() {
    there.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.POLL)) {
      remote.broken = "m";
      engine.look().join();
      engine.look().join();
      assertThat(engine.index().getFirst().state()).isEqualTo(ModelIndexEntry.State.READY);
      assertThat(engine.index().getFirst().reason()).contains("m cannot be copied");

      remote.broken = "";
      engine.look().join();
      engine.look().join();
      assertThat(engine.index().getFirst().reason()).isEmpty();
    }
  }

  @Test
  void copiesOnLoadAndDeletesTheCopyAfterUnload() {
    there.model("m", 1, "add 1").model("other", 1, "add 1");
    try (Engine engine = start(ModelControl.EXPLICIT)) {
      assertThat(engine.index()).extracting(ModelIndexEntry::model).containsExactly("m", "other");
      assertThat(isCopied("m")).isFalse();

      engine.load("m").join();
      assertThat(version(engine)).isEqualTo(1);

      engine.unload("m", false);
      remote.forgotten.join();
      assertThat(isCopied("m")).isFalse();

      engine.load("m").join();
      assertThat(engine.isReady(new ModelId("m", OptionalLong.of(1)))).isTrue();
    }
  }

  @Test
  void failsALoadWithTheStoresFaultAndTellsOfLoadedModels() {
    there.model("m", 1, "add 1");
    try (Engine engine = start(ModelControl.EXPLICIT, "m")) {
      remote.isAway = true;

      assertThatThrownBy(() -> engine.load("m").join()).hasMessageContaining("the store is away");
      assertThat(engine.index()).extracting(ModelIndexEntry::model).containsExactly("m");
      assertThat(engine.isReady()).isTrue();
    }
  }

  @Test
  void copiesTheMembersOfAnEnsembleThatIsLoaded() {
    there.model("m", 1, "add 1");
    there.model("n", 1, "add 2").ensemble("e", "m", "n");

    try (Engine engine = start(ModelControl.EXPLICIT, "e")) {
      assertThat(isCopied("m/1")).isTrue();
      assertThat(isCopied("n/1")).isTrue();
      assertThat(engine.index()).allSatisfy(entry -> assertThat(entry.reason()).isEmpty());
    }
  }

  /** Another folder, copied file by file. */
  private static final class FakeRemote implements RemoteRepository {
    final Path origin;
    final Path copies;
    final CompletableFuture<Void> forgotten = new CompletableFuture<>();
    volatile boolean isAway;
    volatile boolean isClosed;
    volatile String broken = "";

    FakeRemote(Path base) throws IOException {
      origin = Files.createDirectory(base.resolve("origin"));
      copies = Files.createDirectory(base.resolve("copies"));
    }

    @Override
    public Path folder() {
      return copies;
    }

    @Override
    public SortedSet<String> models() throws IOException {
      if (isAway) {
        throw new IOException("the store is away");
      }
      return names(origin, true);
    }

    private static SortedSet<String> names(Path folder, boolean areFolders) throws IOException {
      try (Stream<Path> entries = Files.list(folder)) {
        SortedSet<String> names = new TreeSet<>();
        entries
            .filter(path -> Files.isDirectory(path) == areFolders)
            .forEach(path -> names.add(path.getFileName().toString()));
        return names;
      }
    }

    @Override
    public synchronized void bring(String model, Choice choice) throws IOException {
      if (model.equals(broken)) {
        throw new IOException(model + " cannot be copied");
      }
      Path from = origin.resolve(model);
      Path to = Files.createDirectories(copies.resolve(model));
      for (String file : names(from, false)) {
        copyUnlessThere(from.resolve(file), to.resolve(file));
      }
      Set<String> chosen = choice.of(to, names(from, true));
      for (String folder : names(to, true)) {
        if (!chosen.contains(folder)) {
          delete(to.resolve(folder));
        }
      }
      for (String folder : names(from, true)) {
        if (chosen.contains(folder)) {
          Files.createDirectories(to.resolve(folder));
          for (String file : names(from.resolve(folder), false)) {
            copyUnlessThere(from.resolve(folder).resolve(file), to.resolve(folder).resolve(file));
          }
        }
      }
    }

    private static void copyUnlessThere(Path from, Path to) throws IOException {
      if (!Files.exists(to)) {
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }

    private static void delete(Path folder) throws IOException {
      try (Stream<Path> walk = Files.walk(folder)) {
        for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }

    @Override
    public synchronized void forget(String model, BooleanSupplier isUnused) {
      if (isUnused.getAsBoolean() && Files.exists(copies.resolve(model))) {
        try {
          delete(copies.resolve(model));
          forgotten.complete(null);
        } catch (IOException e) {
          forgotten.completeExceptionally(e);
        }
      }
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }
}
