package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ONNX Runtime makes of the way its process was started. */
class LongCommandLineTest {
  private static final int CHARACTERS = 100_000;

  @Test
  void loadsInAProcessWithALongCommandLine() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process process =
        new ProcessBuilder(
                List.of(
                    java.toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path")
                        + File.pathSeparator
                        + "x".repeat(CHARACTERS),
                    Load.class.getName()))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  /** The process started. */
  static final class Load {
    private Load() {}

    public static void main(String[] args) {
      try (OnnxBackend backend = new OnnxBackend()) {
        assertThat(backend.devices()).isNotEmpty();
      }
    }
  }
}
