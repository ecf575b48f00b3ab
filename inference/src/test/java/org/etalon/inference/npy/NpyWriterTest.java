package org.etalon.inference.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpyWriterTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void rowsWrittenInAnyOrderMakeTheSameFile(long seed) throws IOException {
    var random = new Random(seed);
    int rows = 97;
    float[] values = new float[rows * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    MemorySegment data = MemorySegment.ofArray(values);
    var starts = new ArrayList<Integer>();
    for (int start = 0; start < rows; start += 5) {
      starts.add(start);
    }
    Collections.shuffle(starts, random);
    Path path = folder.resolve("rows.npy");
    try (NpyWriter writer = NpyWriter.create(path, "<f4", rows, 3)) {
      for (int start : starts) {
        // Pieces overlap their neighbours, as retried ones do.
        long count = Math.min(5 + random.nextInt(4), rows - start);
        writer.write(start, data.asSlice(start * 12L, count * 12));
      }
      writer.finish();
    }

    assertThat(Npy.read(path).floats()).containsExactly(values);
  }

  @Test
  void refusesToFinishWithARowMissingAndLeavesNothing() throws IOException {
    try (NpyWriter writer = NpyWriter.create(folder.resolve("x.npy"), "<f8", 4, 1)) {
      writer.write(0, MemorySegment.ofArray(new double[2]));
      writer.write(3, MemorySegment.ofArray(new double[1]));

      assertThatIllegalStateException()
          .isThrownBy(writer::finish)
          .withMessageContaining("row 2 of 4");
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void keepsTheOldFileUntilTheNewOneIsWhole() throws IOException {
    Path path = folder.resolve("x.npy");
    Npy.write(path, NpyArray.ofFloats(new float[] {1}, 1));
    try (NpyWriter writer = NpyWriter.create(path, "<f4", 2)) {
      writer.write(0, MemorySegment.ofArray(new float[] {7, 8}));

      assertThat(Npy.read(path).floats()).containsExactly(1);

      writer.finish();
    }

    assertThat(Npy.read(path).floats()).containsExactly(7, 8);
  }

  @Test
  void goesOnWhereAnUnfinishedFileStopped() throws IOException {
    Path path = folder.resolve("rows.npy");
    Path partial = folder.resolve(".rows.part");
    float[] values = {0, 1, 2, 3, 4, 5};
    MemorySegment data = MemorySegment.ofArray(values);
    try (NpyWriter writer = NpyWriter.resume(path, partial, 0, "<f4", 3, 2)) {
      writer.write(0, data.asSlice(0, 16));
      writer.force();
    }
    assertThat(path).doesNotExist();
    try (NpyWriter writer = NpyWriter.resume(path, partial, 2, "<f4", 3, 2)) {
      writer.write(2, data.asSlice(16, 8));
      writer.finish();
    }
    assertThat(partial).doesNotExist();
    assertThat(Npy.read(path).floats()).containsExactly(values);
  }

  @Test
  void refusesToResumeAFileThatLacksTheRowsItShouldHold() throws IOException {
    Path partial = folder.resolve(".rows.part");
    NpyWriter.resume(folder.resolve("rows.npy"), partial, 0, "<f4", 3, 2).close();
    assertThatThrownBy(() -> NpyWriter.resume(folder.resolve("rows.npy"), partial, 2, "<f4", 3, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2 rows said to be complete");
  }

  @Test
  void refusesRowsOutsideTheArrayAndPartsOfRows() throws IOException {
    try (NpyWriter writer = NpyWriter.create(folder.resolve("x.npy"), "<f4", 3, 2)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.write(2, MemorySegment.ofArray(new float[4])))
          .withMessage("rows 2 to 4 (expected: within 0 to 3)");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> writer.write(0, MemorySegment.ofArray(new float[3])));
    }
  }
}
