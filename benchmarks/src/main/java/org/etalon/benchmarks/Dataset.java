package org.etalon.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;

/** Rows for {@code mlp}, in memory and in a file: standard normal from a fixed seed. */
final class Dataset {
  /** Values in a row. */
  static final int WIDTH = 64;

  private final float[] values;
  private final Path file;

  private Dataset(float[] values, Path file) {
    this.values = values;
    this.file = file;
  }

  static Dataset write(int rows, Path file) throws IOException {
    Random random = new Random(20150914);
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Npy.write(file, NpyArray.ofFloats(values, rows, WIDTH));
    return new Dataset(values, file);
  }

  /** All rows, row-major; not to be modified. */
  float[] values() {
    return values;
  }

  /** The same as {@code .npy}, {@code (rows, 64)}. */
  Path file() {
    return file;
  }

  int rows() {
    return values.length / WIDTH;
  }
}
