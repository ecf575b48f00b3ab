package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.etalon.backends.libraries.LibrarySources;
import org.etalon.backends.libraries.LibraryStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsCommandTest {
  private static final String LOCAL = "maven.repo.local";

  @TempDir Path folder;
  private String local = "";

  @BeforeEach
  void useFoldersOfThisTest() {
    local = System.getProperty(LOCAL, "");
    System.setProperty(LOCAL, folder.resolve("m2").toString());
    System.setProperty(LibraryStore.FOLDER_PROPERTY, folder.toString());
  }

  @AfterEach
  void useTheUsersAgain() {
    System.clearProperty(LibraryStore.FOLDER_PROPERTY);
    System.clearProperty(LibrarySources.REPOSITORY_PROPERTY);
    if (local.isEmpty()) {
      System.clearProperty(LOCAL);
    } else {
      System.setProperty(LOCAL, local);
    }
  }

  @Test
  void listsBackendsWithTheirLibraries() {
    CommandLineRun run = CommandLineRun.of("backends", "list");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("onnxruntime", "model.onnx", "built in")
        .containsPattern("pytorch +model.pt +no")
        .containsPattern("tensorflow +model.savedmodel +no");
  }

  @Test
  void namesBackendsThatHaveLibrariesWhereTheOneAskedForHasNone() {
    CommandLineRun run = CommandLineRun.of("backends", "install", "pytorhc");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errLines()).singleElement().asString().contains("'pytorhc'", "pytorch");
  }

  @Test
  void saysWhatToDoWhereLibrariesCannotBeFetched() {
    CommandLineRun run =
        CommandLineRun.of("backends", "install", "tensorflow", "--maven-repository", "none");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errLines())
        .singleElement()
        .asString()
        .startsWith("etalon: ")
        .contains("backend", "tensorflow");
    assertThat(folder.resolve("tensorflow")).doesNotExist();
  }
}
