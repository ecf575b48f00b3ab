package org.etalon.analysis.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.etalon.inference.ModelId;
import org.etalon.inference.ServingException;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.inference.npy.Npz;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatasetInferenceTest {
  private static final int WIDTH = 3;

  @TempDir Path folder;
  private Path input;

  @BeforeEach
  void writeInput() throws IOException {
    input = write("x.npy", 1000);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "8,1", "8,64", "7,5", "1000,2", "4096,3"})
  void outputsAreInTheOrderOfTheInputsWhateverTheOrderOfCompletion(int batchSize, int inFlight)
      throws IOException {
    Path output = folder.resolve("y.npy");
    try (ShufflingService service = new ShufflingService(batchSize + inFlight)) {
      long rows = inference(service, input, output, batchSize, inFlight).run();
      assertThat(rows).isEqualTo(1000);
      assertThat(service.mostInFlight()).isLessThanOrEqualTo(inFlight);
    }
    assertDoubled(Npy.read(output), 1000);
    assertOnlyFiles("x.npy", "y.npy");
  }

  @Test
  void aJobThatFailedGoesOnWhereItStoppedAndGivesTheSameBytes() throws IOException {
    input = write("x.npy", 400_000);
    Path whole = folder.resolve("whole.npy");
    Path resumed = folder.resolve("resumed.npy");
    try (ShufflingService service = new ShufflingService(1)) {
      inference(service, input, whole, 8, 16).run();
    }
    try (ShufflingService failing = new ShufflingService(2).failingFromRow(350_000)) {
      assertThatThrownBy(() -> inference(failing, input, resumed, 8, 16).run())
          .isInstanceOf(ServingException.class)
          .hasMessageMatching("rows 350\\d{3} to 350\\d{3}: planned");
    }
    assertThat(resumed).doesNotExist();
    try (ShufflingService service = new ShufflingService(3)) {
      inference(service, input, resumed, 8, 16).run();
      assertThat(service.rowsSeen()).isLessThan(200_000);
    }
    assertThat(resumed).hasSameBinaryContentAs(whole);
    assertOnlyFiles("x.npy", "whole.npy", "resumed.npy");
  }

  @Test
  void aJobOfFewBatchesGoesOnWhereItStopped() throws IOException {
    Path output = folder.resolve("y.npy");
    try (ShufflingService failing = new ShufflingService(1).failingFromRow(500)) {
      assertThatThrownBy(() -> inference(failing, input, output, 8, 1).run())
          .isInstanceOf(ServingException.class);
    }
    try (ShufflingService service = new ShufflingService(2)) {
      inference(service, input, output, 8, 1).run();
      assertThat(service.rowsSeen()).isLessThan(900);
    }
    assertDoubled(Npy.read(output), 1000);
    assertOnlyFiles("x.npy", "y.npy");
  }

  @Test
  void anotherJobsProgressCountsForNothing() throws IOException {
    input = write("x.npy", 400_000);
    Path output = folder.resolve("y.npy");
    try (ShufflingService failing = new ShufflingService(2).failingFromRow(350_000)) {
      assertThatThrownBy(() -> inference(failing, input, output, 8, 16).run())
          .isInstanceOf(ServingException.class);
    }
    try (ShufflingService service = new ShufflingService(3)) {
      inference(service, input, output, 16, 16).run();
      assertThat(service.rowsSeen()).isGreaterThanOrEqualTo(400_000);
    }
    assertDoubled(Npy.read(output), 400_000);
  }

  @Test
  void aJobThatFailsAtOnceLeavesNothing() throws IOException {
    try (ShufflingService failing = new ShufflingService(2).failingFromRow(0)) {
      assertThatThrownBy(() -> inference(failing, input, folder.resolve("y.npy"), 8, 4).run())
          .isInstanceOf(ServingException.class);
    }
    assertOnlyFiles("x.npy");
  }

  @Test
  void writesSeveralOutputsToOneArchive() throws IOException {
    for (String name : List.of("y.npz", "y.hdf5")) {
      try (ShufflingService service = new ShufflingService(4)) {
        inference(service, input, folder.resolve(name), 8, 16).run();
      }
    }
    try (Npz archive = Npz.open(folder.resolve("y.npz"))) {
      assertDoubled(archive.read("y"), 1000);
      assertThat(archive.read("sum").shape()).containsExactly(1000);
    }
    try (HdfFile file = new HdfFile(folder.resolve("y.hdf5"))) {
      float[][] doubled = (float[][]) file.getDatasetByPath("/y").getData();
      assertThat(doubled[999]).containsExactly(2 * 2997, 2 * 2998, 2 * 2999);
      assertThat(file.getDatasetByPath("/sum").getDimensions()).containsExactly(1000);
    }
    assertOnlyFiles("x.npy", "y.npz", "y.hdf5");
  }

  @Test
  void readsHdf5() throws IOException {
    Path path = folder.resolve("x.hdf5");
    float[][] rows = new float[50][WIDTH];
    for (int i = 0; i < 50 * WIDTH; i++) {
      rows[i / WIDTH][i % WIDTH] = i;
    }
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putDataset("x", rows);
      file.putDataset("other", new int[] {1});
    }
    try (ShufflingService service = new ShufflingService(4)) {
      inference(service, path, folder.resolve("y.npy"), 8, 4).run();
    }
    assertDoubled(Npy.read(folder.resolve("y.npy")), 50);
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Npy.write(folder.resolve("wide.npy"), NpyArray.ofFloats(new float[8], 2, 4));
    Npy.write(folder.resolve("double.npy"), NpyArray.ofDoubles(new double[6], 2, 3));
    Files.writeString(folder.resolve("text.npy"), "strain");
    assertRefused("missing.npy", "y.npy", "missing.npy: no such file");
    assertRefused("wide.npy", "y.npy", "shape [2,4] (expected: [-1, 3], as input 'x' has");
    assertRefused("double.npy", "y.npy", "<f8 (expected: <f4, as input 'x' is FP32");
    assertRefused("text.npy", "y.npy", "text.npy");
    assertRefused("x.npy", "missing/y.npy", "there is no folder");
    assertRefused("x.npy", "y.txt", "expected: a name ending in .npy");
    assertRefused("x.npy", "x.npy", "x.npy: exists already");
    assertOnlyFiles("x.npy", "wide.npy", "double.npy", "text.npy");
  }

  @Test
  void namesTheTensorsAModelHas() {
    try (ShufflingService service = new ShufflingService(1)) {
      assertThatThrownBy(
              () -> run(service, Map.of("z", input), Map.of("y", folder.resolve("y.npy"))))
          .hasMessage("model 'm' has no input 'z' (expected: one of [x])");
      assertThatThrownBy(
              () -> run(service, Map.of("", input), Map.of("w", folder.resolve("y.npy"))))
          .hasMessage("model 'm' has no output 'w' (expected: one of [sum, y])");
    }
  }

  private void assertRefused(String in, String out, String message) {
    try (ShufflingService service = new ShufflingService(1)) {
      assertThatThrownBy(
              () -> run(service, Map.of("x", folder.resolve(in)), Map.of("y", folder.resolve(out))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(message);
    }
  }

  private static void run(
      ShufflingService service, Map<String, Path> inputs, Map<String, Path> outputs)
      throws IOException {
    DatasetConfig config = new DatasetConfig(ModelId.of("m"), inputs, outputs, 8, 4, false);
    new DatasetInference(service, config, (rows, total) -> {}).run();
  }

  private static DatasetInference inference(
      ShufflingService service, Path input, Path output, int batchSize, int inFlight) {
    boolean isArchive = !output.toString().endsWith(".npy");
    DatasetConfig config =
        new DatasetConfig(
            ModelId.of("m"),
            Map.of("", input),
            Map.of(isArchive ? "" : "y", output),
            batchSize,
            inFlight,
            false);
    return new DatasetInference(
        service, config, (rows, total) -> assertThat(rows).isLessThanOrEqualTo(total));
  }

  private Path write(String name, int rows) throws IOException {
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path path = folder.resolve(name);
    Npy.write(path, NpyArray.ofFloats(values, rows, WIDTH));
    return path;
  }

  private static void assertDoubled(NpyArray array, int rows) {
    assertThat(array.shape()).containsExactly(rows, WIDTH);
    float[] values = array.floats();
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).isEqualTo(2f * i);
    }
  }

  private void assertOnlyFiles(String... names) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }
}
