package org.etalon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InferCommandTest {
  private static final Path MODELS =
      Path.of(System.getProperty("etalon.root", "..")).resolve("examples").resolve("models");

  @TempDir private Path folder;

  @Test
  void writesTheOutputsInTheOrderOfTheInputs() throws IOException {
    CommandLineRun run = infer(MODELS, "mlp", MODELS.resolve("mlp/reference/input.npy"));
    assertThat(run.status()).isZero();
    assertThat(run.errLines()).singleElement().asString().matches("etalon: [0-9,]+ rows in .*");
    float[] expected = Npy.read(MODELS.resolve("mlp/reference/output_v1.npy")).floats();
    assertThat(Npy.read(folder.resolve("y.npy")).floats())
        .usingComparatorWithPrecision(1e-4f)
        .containsExactly(expected);
  }

  @Test
  void namesTheModelsThereAreWhereTheOneAskedForIsNot() {
    assertFails(
        infer(MODELS, "mlpp", MODELS.resolve("mlp/reference/input.npy")),
        "no model 'mlpp' in [" + MODELS + "] (there are: [bbh, ");
  }

  @Test
  void saysWhyTheModelCannotBeLoaded() throws IOException {
    Path model = folder.resolve("models").resolve("mlp").resolve("1");
    Files.createDirectories(model);
    Files.writeString(model.resolve("model.onnx"), "cut off");
    assertFails(
        infer(folder.resolve("models"), "mlp", MODELS.resolve("mlp/reference/input.npy")),
        "model.onnx");
  }

  @Test
  void namesTheDatatypeThatTheInputMustHave() throws IOException {
    Path input = folder.resolve("x.npy");
    Npy.write(input, NpyArray.ofDoubles(new double[64], 1, 64));
    assertFails(infer(MODELS, "mlp", input), "x.npy: <f8 (expected: <f4");
  }

  private CommandLineRun infer(Path repository, String model, Path input) {
    return CommandLineRun.of(
        "infer",
        "--model-repository",
        repository.toString(),
        "--model",
        model,
        "--input",
        input.toString(),
        "--output",
        folder.resolve("y.npy").toString());
  }

  private void assertFails(CommandLineRun run, String fault) {
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.errLines()).singleElement().asString().startsWith("etalon: ").contains(fault);
    assertThat(folder.toFile().list((_, name) -> name.contains("y.npy"))).isEmpty();
  }
}
