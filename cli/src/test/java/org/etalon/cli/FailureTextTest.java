package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
  @Test
  void saysWhatHappenedToAFile() {
    assertThat(FailureText.of(new NoSuchFileException("a.gwf")))
        .isEqualTo("a.gwf: no such file or folder");
    assertThat(FailureText.of(new AccessDeniedException("d"))).isEqualTo("d: permission denied");
    assertThat(FailureText.of(new FileSystemException("d", null, "Read-only file system")))
        .isEqualTo("d: Read-only file system");
  }

  @Test
  void isOneLine() {
    assertThat(FailureText.of(new IOException("a:\n  b\r\n\tc\n"))).isEqualTo("a: b c");
  }

  @Test
  void namesAFailureThatIsNobodysToMend() {
    assertThat(FailureText.of(new IllegalStateException("why")))
        .isEqualTo("IllegalStateException: why");
    assertThat(FailureText.of(new IOException())).isEqualTo("IOException");
  }
}
