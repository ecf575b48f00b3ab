package org.etalon.engine.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.etalon.engine.backend.Device;
import org.etalon.engine.testing.FakeBackend;
import org.etalon.engine.testing.FakeRepository;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.protocol.proto.ModelConfig;
import org.etalon.protocol.proto.ModelVersionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryFoldersTest {
  @TempDir private Path folder;

  @Test
  void listsFoldersThatAreNotHidden() throws Exception {
    FakeRepository repository = new FakeRepository(folder);
    repository.model("b", 1, "add 1").model("a", 1, "add 1").model(".git", 1, "x");
    Files.writeString(folder.resolve("README.md"), "x");

    assertThat(new RepositoryFolders(List.of(folder)).list()).containsOnlyKeys("a", "b");
  }

  @Test
  void refusesAModelThatIsInTwoRepositoriesAndNamesBoth() {
    FakeRepository one = new FakeRepository(folder.resolve("one")).model("m", 1, "add 1");
    FakeRepository two = new FakeRepository(folder.resolve("two")).model("m", 1, "add 2");
    var folders = new RepositoryFolders(List.of(one.folder(), two.folder()));

    assertThatThrownBy(
            () -> RepositoryFolders.open("m", folders.list().getOrDefault("m", List.of())))
        .hasMessageContainingAll(one.path("m").toString(), two.path("m").toString());
  }

  @Test
  void takesAFolderGivenTwiceForOne() {
    new FakeRepository(folder).model("m", 1, "add 1");
    var folders = new RepositoryFolders(List.of(folder, folder.resolve(".")));

    assertThat(folders.list().get("m")).hasSize(1);
  }

  @Test
  void saysWhichRepositoryCannotBeRead() {
    Path absent = folder.resolve("absent");

    assertThatThrownBy(() -> new RepositoryFolders(List.of(absent)).list())
        .isInstanceOfSatisfying(
            ServingException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining(absent.toString());
  }

  @Test
  void selectsVersionsByPolicy() {
    SortedSet<Long> present = new TreeSet<>(List.of(1L, 3L, 7L));
    var latest = ModelVersionPolicy.newBuilder();
    latest.getLatestBuilder().setNumVersions(2);
    var all = ModelVersionPolicy.newBuilder().setAll(ModelVersionPolicy.All.getDefaultInstance());
    var specific = ModelVersionPolicy.newBuilder();
    specific.getSpecificBuilder().addVersions(3).addVersions(4);

    assertThat(VersionSelection.of(ModelVersionPolicy.getDefaultInstance(), present))
        .containsExactly(7L);
    assertThat(VersionSelection.of(latest.build(), present)).containsExactly(3L, 7L);
    assertThat(VersionSelection.of(all.build(), present)).containsExactly(1L, 3L, 7L);
    assertThat(VersionSelection.of(specific.build(), present)).containsExactly(3L, 4L);
    assertThat(VersionSelection.of(latest.build(), List.of())).isEmpty();
  }

  @Test
  void choosesTheBackendByNameElsePlatformElseFile() {
    FakeBackend one = new FakeBackend("one", "model.one", List.of(Device.CPU));
    FakeBackend two = new FakeBackend("two", "model.two", List.of(Device.CPU));
    BackendChoice choice = new BackendChoice(List.of(one, two));
    new FakeRepository(folder).file("m", "1/model.two", "x");
    Path version = folder.resolve("m/1");

    assertThat(choice.of("m", config("one", ""), version)).isSameAs(one);
    assertThat(choice.of("m", config("", "one_model"), version)).isSameAs(one);
    assertThat(choice.of("m", config("", ""), version)).isSameAs(two);
    assertThatThrownBy(() -> choice.of("m", config("three", ""), version))
        .hasMessage(
            "model 'm': backend 'three' is not installed (installed: one (platforms [one_model],"
                + " files [model.one]); two (platforms [two_model], files [model.two]))");
    assertThatThrownBy(() -> choice.of("m", config("one", "two_model"), version))
        .hasMessageContaining("backend 'one' does not run platform 'two_model'");
    assertThatThrownBy(() -> choice.of("m", config("", ""), folder))
        .hasMessageContaining("no file in " + folder + " that a backend knows");
  }

  @Test
  void refusesToChooseBetweenFilesOfTwoBackends() {
    FakeBackend one = new FakeBackend("one", "model.one", List.of(Device.CPU));
    FakeBackend two = new FakeBackend("two", "model.two", List.of(Device.CPU));
    new FakeRepository(folder).file("m", "1/model.two", "x").file("m", "1/model.one", "x");

    assertThatThrownBy(() ->
            new BackendChoice(List.of(one, two)).of("m", config("", ""), folder.resolve("m/1")))
        .hasMessageContaining("[one, two]");
  }

  private static ModelConfig config(String backend, String platform) {
    return ModelConfig.newBuilder().setBackend(backend).setPlatform(platform).build();
  }
}
