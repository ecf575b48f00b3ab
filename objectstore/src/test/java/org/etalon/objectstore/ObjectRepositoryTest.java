package org.etalon.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.etalon.engine.repository.RemoteRepository.Choice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectRepositoryTest {
  private static final Choice ALL = (_, folders) -> folders;

  private final Path base;
  private final FakeStore store = new FakeStore();
  private final List<Duration> pauses = new ArrayList<>();
  private final ObjectRepository repository;

  ObjectRepositoryTest(@TempDir Path base) throws IOException {
    this.base = base;
    repository = open("o4");
  }

  private ObjectRepository open(String prefix) throws IOException {
    return ObjectRepository.open(
        store.address(prefix),
        new S3Settings("us-east-1", Optional.empty(), Optional.empty()),
        base,
        InstantSource.system(),
        pauses::add);
  }

  @AfterEach
  void close() {
    repository.close();
    store.close();
  }

  private String copied(String name) throws IOException {
    return Files.readString(repository.folder().resolve(name));
  }

  private boolean isThere(String name) {
    return Files.exists(repository.folder().resolve(name));
  }

  private void bring(String model) throws IOException {
    repository.bring(model, ALL);
  }

  @Test
  void listsTheModelsBelowThePrefixPageByPage() throws IOException {
    store.pageSize = 2;
    for (String name : List.of("a", "b", "c", "d", "e")) {
      store.put("o4/" + name + "/1/model.onnx", name).put("other/x" + name + "/1/m", "");
    }
    store.put("o4/README.md", "no model").put("o4/.trash/1/m", "hidden");

    assertThat(repository.models()).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void copiesAModelOfManyPagesWithNamesOfAllKinds() throws IOException {
    store.pageSize = 2;
    List<String> names =
        List.of(
            "config.pbtxt", "1/a b+c%20&=.bin", "1/ü/ñ.txt", "1/deep/er/x", "2/m", "labels.txt");
    names.forEach(name -> store.put("o4/m/" + name, "content of " + name));

    bring("m");

    for (String name : names) {
      assertThat(copied("m/" + name)).isEqualTo("content of " + name);
    }
  }

  @Test
  void takesAnObjectWhoseNameEndsWithASlashForAFolder() throws IOException {
    store.put("o4/e/config.pbtxt", "platform: 'ensemble'").put("o4/e/1/", "").put("o4/e/", "");

    bring("e");

    assertThat(repository.folder().resolve("e/1")).isEmptyDirectory();
  }

  @Test
  void copiesWhatIsChosenAloneAndOnce() throws IOException {
    store.put("o4/m/1/m", "one").put("o4/m/2/m", "two");

    repository.bring("m", (_, _) -> Set.of("2"));
    repository.bring("m", (_, _) -> Set.of("2"));

    assertThat(store.fetched).containsExactly("o4/m/2/m");
  }

  @Test
  void showsTheModelsOwnFilesToWhoChooses() throws IOException {
    store.put("o4/m/config.pbtxt", "chosen by this").put("o4/m/1/m", "one");
    List<String> seen = new ArrayList<>();

    repository.bring(
        "m",
        (copy, folders) -> {
          try {
            seen.add(Files.readString(copy.resolve("config.pbtxt")));
          } catch (IOException e) {
            seen.add(e.toString());
          }
          return folders;
        });

    assertThat(seen).isNotEmpty().containsOnly("chosen by this");
  }

  @Test
  void copiesAnewWhatHasChangedAndLeavesTheRest() throws IOException {
    store.put("o4/m/1/m", "one").put("o4/m/2/m", "two");
    bring("m");
    var untouched = Files.getLastModifiedTime(repository.folder().resolve("m/1/m"));
    store.fetched.clear();

    store.put("o4/m/2/m", "two, mended").delete("o4/m/3/m");
    bring("m");

    assertThat(store.fetched).containsExactly("o4/m/2/m");
    assertThat(copied("m/2/m")).isEqualTo("two, mended");
    assertThat(Files.getLastModifiedTime(repository.folder().resolve("m/1/m")))
        .isEqualTo(untouched);
  }

  @Test
  void deletesWhatIsGoneAndWhatIsNotChosen() throws IOException {
    store.put("o4/m/1/m", "one").put("o4/m/2/m", "two").put("o4/m/labels.txt", "x");
    bring("m");

    store.delete("o4/m/1/m").delete("o4/m/labels.txt").put("o4/m/3/m", "three");
    repository.bring("m", (_, _) -> Set.of("3", "1"));

    assertThat(isThere("m/1")).isFalse();
    assertThat(isThere("m/2")).isFalse();
    assertThat(isThere("m/labels.txt")).isFalse();
    assertThat(isThere("m/3/m")).isTrue();
  }

  @Test
  void takesNoVersionWhoseUploadSaysThatItGoesOn() throws IOException {
    store.put("o4/m/1/m", "one").put("o4/m/2/m", "two").put("o4/m/2/.uploading", "");

    bring("m");
    assertThat(isThere("m/2")).isFalse();

    store.delete("o4/m/2/.uploading");
    bring("m");
    assertThat(copied("m/2/m")).isEqualTo("two");
  }

  @Test
  void takesInWhatIsAddedWhileItCopies() throws IOException {
    store.put("o4/m/1/a", "a");
    store.beforeListing =
        number -> {
          if (number == 1) {
            store.put("o4/m/1/b", "b");
          }
        };

    bring("m");

    assertThat(copied("m/1/a")).isEqualTo("a");
    assertThat(copied("m/1/b")).isEqualTo("b");
  }

  @Test
  void givesUpWhereObjectsKeepChanging() throws IOException {
    store.beforeListing = number -> store.put("o4/m/1/a", "text " + number);

    assertThatThrownBy(() -> bring("m")).hasMessageContaining("'o4/m/' keep changing");

    store.beforeListing = _ -> {};
    bring("m");
    assertThat(copied("m/1/a")).startsWith("text");
  }

  @Test
  void checksObjectsOfManyPartsByTheirSizeAlone() throws IOException {
    store.putInParts("o4/m/1/m", "in parts");

    bring("m");

    assertThat(copied("m/1/m")).isEqualTo("in parts");
  }

  @Test
  void refusesContentThatIsNotWhatItsEtagSays() {
    store.putDamaged("o4/m/1/m", "damaged");

    assertThatThrownBy(() -> bring("m"))
        .hasMessageContaining("s3://models/o4/m/1/m")
        .hasMessageContaining("MD5");
    assertThat(isThere("m/1")).isFalse();
  }

  @Test
  void triesAgainWhatEndsEarlyOrIsRefusedForAMoment() throws IOException {
    store.put("o4/m/1/m", "0123456789");
    store.halves.set(1);
    store.refusals.set(2);

    bring("m");

    assertThat(copied("m/1/m")).isEqualTo("0123456789");
    assertThat(pauses).hasSize(3);
  }

  @Test
  void neverShowsAVersionThatDidNotComeWhole() throws IOException {
    store.put("o4/m/1/a", "a").put("o4/m/1/b", "0123456789");
    store.halves.set(Integer.MAX_VALUE);

    assertThatThrownBy(() -> bring("m")).isInstanceOf(IOException.class);

    assertThat(isThere("m/1")).isFalse();
    assertThat(repository.folder().resolve(".staging")).isEmptyDirectory();
  }

  @Test
  void keepsWhatItHasWhileTheStoreIsAway() throws IOException {
    store.put("o4/m/1/m", "one");
    bring("m");
    store.isAway = true;

    assertThatThrownBy(() -> bring("m")).hasMessageContaining("cannot be reached");
    assertThatThrownBy(() -> repository.models()).hasMessageContaining("cannot be reached");
    assertThat(copied("m/1/m")).isEqualTo("one");

    store.isAway = false;
    store.put("o4/m/2/m", "two");
    bring("m");
    assertThat(copied("m/2/m")).isEqualTo("two");
  }

  @Test
  void saysWhatTheStoreAnswered() throws IOException {
    S3Address other = new S3Address(store.address("x").endpoint(), "other", "");
    try (ObjectRepository wrong =
        ObjectRepository.open(
            other, new S3Settings("us-east-1", Optional.empty(), Optional.empty()), base)) {
      assertThatThrownBy(wrong::models)
          .hasMessageContaining("answered 404 NoSuchBucket: No such bucket");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "1/../../evil",
        "/evil",
        "1//evil",
        "1/./evil",
        "1/e\u0000vil",
        "1/..",
        "1\\evil"
      })
  void refusesNamesThatAreNoFileOfTheModel(String name) throws IOException {
    store.put("o4/m/" + name, "evil").put("o4/good/1/m", "good");

    assertThatThrownBy(() -> bring("m"))
        .hasMessageContaining("o4/m/")
        .hasMessageContaining("expected: names of files and folders");
    bring("good");

    assertThat(copied("good/1/m")).isEqualTo("good");
    assertThat(Files.exists(base.resolve("evil"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", ".staging", "a\\b", "x\u0001y"})
  void leavesOutModelsWhoseNamesAreNoFolders(String name) throws IOException {
    store.put("o4/" + name + "/1/m", "x").put("o4/m/1/m", "x");

    assertThat(repository.models()).containsExactly("m");
  }

  @Test
  void forgetsACopyUnlessItIsUsedAgain() throws IOException {
    store.put("o4/m/1/m", "one");
    bring("m");

    repository.forget("m", () -> false);
    assertThat(isThere("m/1/m")).isTrue();

    repository.forget("m", () -> true);
    assertThat(isThere("m")).isFalse();

    bring("m");
    assertThat(copied("m/1/m")).isEqualTo("one");
  }

  @Test
  void leavesNothingBehind() throws IOException {
    store.put("o4/m/1/m", "one");
    bring("m");

    repository.close();

    assertThat(base).isEmptyDirectory();
  }

  @Test
  void deletesWhatAKilledProcessLeftAndNothingThatIsInUse() throws IOException {
    Path left = Files.createDirectories(base.resolve("dead/m/1")).getParent();
    Files.createFile(base.resolve("dead.lock"));

    try (ObjectRepository other = open("o3")) {
      assertThat(left).doesNotExist();
      assertThat(repository.folder()).exists();
      try (Stream<Path> entries = Files.list(base)) {
        assertThat(entries).hasSize(4);
      }
      assertThat(other.folder()).isNotEqualTo(repository.folder());
    }
  }
}
