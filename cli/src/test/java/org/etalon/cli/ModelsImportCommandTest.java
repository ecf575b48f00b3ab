package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelsImportCommandTest {
  private static final Path NETS =
      Path.of(System.getProperty("etalon.root", ".."))
          .resolve("conversion/src/test/resources/org/etalon/conversion/caffe2");

  @TempDir private Path folder;

  @Test
  void writesAModelThatTheServiceLoads() {
    CommandLineRun run = importNet("convolutional", "--input", "x=-1,4,9,9");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("ONNX with inputs [x], batched");
    CommandLineRun check = CommandLineRun.of("models", "validate", folder.resolve("m").toString());
    assertThat(check.out()).contains("convolutional").contains("READY");
    assertThat(check.status()).isZero();
  }

  @Test
  void saysWhichInputHasNoShape() {
    assertFails(importNet("convolutional"), 1, "blobs [x] come with requests");
  }

  @Test
  void namesAnInputWhoseExtentsAreNone() {
    assertFails(importNet("convolutional", "--input", "x=3,0"), 2, "--input x: '3,0' (expected");
  }

  @Test
  void doesNotReplaceAFolder() {
    importNet("lstm", "--input", "x=-1,3,4");
    assertFails(importNet("lstm", "--input", "x=-1,3,4"), 1, "exists already");
  }

  private CommandLineRun importNet(String net, String... options) {
    String[] command = {
      "models",
      "import",
      "--from",
      "caffe2",
      NETS.resolve(net + "/init_net.pb").toString(),
      NETS.resolve(net + "/predict_net.pb").toString(),
      folder.resolve("m").resolve(net).toString()
    };
    String[] all = java.util.Arrays.copyOf(command, command.length + options.length);
    System.arraycopy(options, 0, all, command.length, options.length);
    return CommandLineRun.of(all);
  }

  private static void assertFails(CommandLineRun run, int status, String message) {
    assertThat(run.status()).isEqualTo(status);
    assertThat(run.errLines()).first().asString().contains(message);
  }
}
