package org.etalon.engine.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDirectoryTest {
  @TempDir private Path folder;
  private FakeRepository repository;

  @BeforeEach
  void makeRepository() throws IOException {
    repository = new FakeRepository(Files.createDirectory(folder.resolve("models")));
  }

  private ModelDirectory read() throws IOException {
    return ModelDirectory.read(repository.folder(), repository.path("m"));
  }

  @Test
  void findsVersionsThatArePositiveIntegersWithoutLeadingZeros() throws IOException {
    for (String name : List.of("1", "20", "0", "03", "-1", "1a", "v2", "123456789012345678901")) {
      repository.file("m", name + "/model.fake", "add 1");
    }
    repository.file("m", "7", "a file, not a folder");

    assertThat(read().versions().keySet()).containsExactly(1L, 20L);
  }

  @Test
  void findsTheConfigurationIfThereIsOne() throws IOException {
    repository.model("m", 1, "add 1");
    assertThat(read().config()).isEmpty();

    repository.config("m", "name: 'm'");
    assertThat(read().config()).contains(repository.path("m").resolve("config.pbtxt"));
  }

  @Test
  void hasAnotherFingerprintWheneverAFileChangesComesOrGoes() throws IOException {
    repository.model("m", 1, "add 1");
    String first = read().fingerprint();
    assertThat(read().fingerprint()).isEqualTo(first);

    repository.model("m", 1, "add 2");
    String changed = read().fingerprint();
    repository.file("m", "1/more", "x");
    String added = read().fingerprint();
    repository.delete("m/1/more");

    assertThat(List.of(first, changed, added)).doesNotHaveDuplicates();
    assertThat(read().fingerprint()).isEqualTo(changed);
  }

  @Test
  void keepsAVersionsFingerprintWhenOnlyAnotherVersionOrTheReferenceChanges() throws IOException {
    repository.model("m", 1, "add 1").config("m", "name: 'm'");
    ModelDirectory first = read();

    repository.model("m", 2, "add 2").reference("m", "output_v2", 1);
    ModelDirectory second = read();
    assertThat(second.fingerprint()).isNotEqualTo(first.fingerprint());
    assertThat(second.versionFingerprints().get(1L)).isEqualTo(first.versionFingerprints().get(1L));

    repository.config("m", "name: \"m\"");
    assertThat(read().versionFingerprints().get(1L))
        .isNotEqualTo(first.versionFingerprints().get(1L));
  }

  @Test
  void ignoresHiddenFilesAndFolders() throws IOException {
    repository.model("m", 1, "add 1");
    String before = read().fingerprint();

    repository.file("m", ".1.swp", "x").file("m", ".git/2/model.fake", "x");
    repository.file("m", "1/.model.fake.part", "x");

    assertThat(read().fingerprint()).isEqualTo(before);
  }

  @Test
  void followsLinksInsideTheRepository() throws IOException {
    repository.model("shared", 1, "add 1");
    Files.createDirectory(repository.path("m"));
    Files.createSymbolicLink(
        repository.path("m").resolve("3"), repository.path("shared").resolve("1"));

    ModelDirectory read = read();
    assertThat(read.versions().keySet()).containsExactly(3L);

    repository.model("shared", 1, "add 2");
    assertThat(read().fingerprint()).isNotEqualTo(read.fingerprint());
  }

  @Test
  void refusesLinksThatLeadOutOfTheRepositoryOrNowhere() throws IOException {
    repository.model("m", 1, "add 1");
    Path secret = Files.writeString(folder.resolve("secret"), "x");
    Path link = repository.path("m").resolve("1/weights");
    Files.createSymbolicLink(link, secret);
    assertThatThrownBy(this::read)
        .isInstanceOf(ServingException.class)
        .hasMessageContaining("'%s' links to '%s'", link, secret.toRealPath());

    Files.delete(secret);
    assertThatThrownBy(this::read).hasMessageContaining("which is not there");
  }

  @Test
  void refusesAFolderThatIsItselfALinkOutOfTheRepository() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside/1")).getParent();
    Files.createSymbolicLink(repository.path("m"), outside);

    assertThatThrownBy(this::read).hasMessageContaining("inside the repository");
  }

  @Test
  void takesARepositoryThatIsALink() throws IOException {
    repository.model("m", 1, "add 1");
    Path link = Files.createSymbolicLink(folder.resolve("link"), repository.folder());

    assertThat(ModelDirectory.read(link, link.resolve("m")).versions()).containsOnlyKeys(1L);
  }
}
