package org.etalon.analysis.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.etalon.inference.ModelMetadata;
import org.etalon.inference.TensorMetadata;

/**
 * A file to be written and the outputs that go into it.
 *
 * @param outputs one for {@code .npy}, any number for {@code .npz} and HDF5
 */
record OutputTarget(Path path, Format format, List<String> outputs) {
  /** What a file's name says of its format. */
  enum Format {
    NPY,
    NPZ,
    HDF5
  }

  /**
   * Sorts the model's outputs into files.
   *
   * @param files as in {@link DatasetConfig#outputs}
   * @throws IOException if a name is not an output's, a folder is missing, a file exists and may
   *     not be replaced, or one {@code .npy} is to hold several outputs
   */
  static List<OutputTarget> all(ModelMetadata model, Map<String, Path> files, boolean mayReplace)
      throws IOException {
    List<String> unnamed =
        new ArrayList<>(model.outputs().stream().map(TensorMetadata::name).toList());
    TreeSet<String> known = new TreeSet<>(unnamed);
    List<OutputTarget> targets = new ArrayList<>();
    for (Map.Entry<String, Path> entry : files.entrySet()) {
      if (entry.getKey().isEmpty()) {
        continue;
      }
      if (!unnamed.remove(entry.getKey())) {
        throw new IOException(
            "model '%s' has no output '%s' (expected: one of %s)"
                .formatted(model.name(), entry.getKey(), known));
      }
      targets.add(target(entry.getValue(), List.of(entry.getKey()), mayReplace));
    }
    Path rest = files.get("");
    if (rest != null) {
      targets.add(target(rest, unnamed, mayReplace));
    }
    return targets;
  }

  private static OutputTarget target(Path path, List<String> outputs, boolean mayReplace)
      throws IOException {
    Path absolute = path.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("%s: there is no folder %s to write it in".formatted(path, folder));
    }
    if (!Files.isWritable(folder)) {
      throw new IOException("%s: the folder %s cannot be written".formatted(path, folder));
    }
    if (Files.isDirectory(absolute)) {
      throw new IOException("%s: is a folder (expected: the name of a file)".formatted(path));
    }
    if (Files.exists(absolute) && !mayReplace) {
      throw new IOException(
          "%s: exists already (delete it, choose another name, or say --force)".formatted(path));
    }
    Format format = format(path);
    if (format == Format.NPY && outputs.size() != 1) {
      throw new IOException(
          "%s: a .npy file holds one array, but outputs %s go there (name a .npz, or NAME=FILE for each)"
              .formatted(path, outputs));
    }
    return new OutputTarget(absolute, format, List.copyOf(outputs));
  }

  private static Format format(Path path) throws IOException {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".npy")) {
      return Format.NPY;
    }
    if (name.endsWith(".npz")) {
      return Format.NPZ;
    }
    if (name.endsWith(".h5") || name.endsWith(".hdf5") || name.endsWith(".hdf")) {
      return Format.HDF5;
    }
    throw new IOException(
        "%s: unknown kind of file (expected: a name ending in .npy, .npz, .h5, .hdf or .hdf5)"
            .formatted(path));
  }

  /** Where an output's rows are collected before the file is whole. */
  Path partial(String output) {
    return beside(output + ".part");
  }

  /** A hidden file beside this one. */
  Path beside(String suffix) {
    return path.resolveSibling(
        "." + path.getFileName() + ".etalon-" + suffix.replaceAll("[^A-Za-z0-9._-]", "_"));
  }
}
