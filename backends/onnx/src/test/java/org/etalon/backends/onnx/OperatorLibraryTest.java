package org.etalon.backends.onnx;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators of a model's own, in a library beside its versions. */
final class OperatorLibraryTest {
  private static final String CONFIG = "model_operations { op_library_filename: 'ops.so' }";

  @TempDir Path directory;
  private OnnxFixture fixture;

  @BeforeEach
  void open() {
    fixture = new OnnxFixture(directory);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Compiles a library, where there is a compiler. */
  private void compile(String source) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/cc")), "needs a C compiler");
    Path file = Files.writeString(directory.resolve("ops.c"), source);
    Process compiler =
        new ProcessBuilder(
                "/usr/bin/cc",
                "-shared",
                "-fPIC",
                "-o",
                directory.resolve("ops.so").toString(),
                file.toString())
            .inheritIO()
            .start();
    assumeTrue(compiler.waitFor() == 0, "needs a C compiler that works");
  }

  @Test
  void isAskedForTheModelsOperators() throws Exception {
    compile("void *RegisterCustomOps(void *options, const void *api) { return 0; }");
    fixture.load("identity", CONFIG);
  }

  @Test
  void isRefusedByNameIfItHasNone() throws Exception {
    compile("int other(void) { return 0; }");
    assertThatThrownBy(() -> fixture.load("identity", CONFIG))
        .isInstanceOf(ServingException.class)
        .hasMessageContainingAll("ops.so is no library of operators", "RegisterCustomOps");
  }

  @Test
  void isRefusedByNameIfItIsNoLibraryOrNotThere() throws IOException {
    assertThatThrownBy(() -> fixture.load("identity", CONFIG))
        .hasMessageContainingAll("there is no file", "ops.so");
    Files.write(directory.resolve("ops.so"), "text".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> fixture.load("identity", CONFIG))
        .hasMessageContaining("ops.so is no library of operators");
  }

  @Test
  void isRefusedOutsideTheModelsFolder() {
    assertThatThrownBy(() ->
            fixture.load("identity", "model_operations { op_library_filename: '../../ops.so' }"))
        .hasMessageContaining("leads out of the model directory");
  }
}
