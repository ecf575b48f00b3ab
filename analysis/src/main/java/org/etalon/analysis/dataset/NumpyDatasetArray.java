package org.etalon.analysis.dataset;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SortedSet;
import org.etalon.inference.Shape;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;
import org.etalon.inference.npy.Npz;

/** A {@code .npy} file, mapped, or a member of a {@code .npz}, read whole. */
record NumpyDatasetArray(Arena arena, NpyArray array) implements DatasetArray {
  @SuppressWarnings("MustBeClosedChecker") // closed with the array
  static DatasetArray ofNpy(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      return new NumpyDatasetArray(arena, Npy.map(path, arena));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** The member of a tensor's name, or the only one. */
  @SuppressWarnings("MustBeClosedChecker") // closed with the array
  static DatasetArray ofNpz(Path path, String tensor) throws IOException {
    try (Npz archive = Npz.open(path)) {
      SortedSet<String> names = archive.names();
      if (names.contains(tensor)) {
        return new NumpyDatasetArray(Arena.ofShared(), archive.read(tensor));
      }
      if (names.size() == 1) {
        return new NumpyDatasetArray(Arena.ofShared(), archive.read(names.first()));
      }
      throw new IOException(
          "%s: no array '%s' (expected: one of %s)".formatted(path, tensor, names));
    }
  }

  @Override
  public String dtype() {
    return array.dtype();
  }

  @Override
  public Shape shape() {
    return Shape.of(array.shape());
  }

  @Override
  public MemorySegment rows(long first, long count) {
    long rowBytes = array.data().byteSize() / Math.max(1, array.shape()[0]);
    return array.data().asSlice(first * rowBytes, count * rowBytes);
  }

  @Override
  public void close() {
    arena.close();
  }
}
