package org.etalon.analysis.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.etalon.inference.npy.Npy;
import org.etalon.inference.npy.NpyArray;

/**
 * The output folder of a run, from its progress to its results.
 *
 * <p>While the search runs there is only {@code progress/}: the run's identity, and the scores of
 * each slide as it is finished. Results are written there too, and moved out when all are complete,
 * {@code run.json} last; then the progress is deleted. Every file appears whole or not at all.
 */
final class RunFolder {
  private final Path output;
  private final Path progress;
  private final Path results;

  private RunFolder(Path output) {
    this.output = output;
    this.progress = output.resolve("progress");
    this.results = progress.resolve("results");
  }

  /**
   * Makes the folder, or takes up the progress in it.
   *
   * @throws IOException if the folder has anything but the progress of the same run; says in what
   *     they differ
   */
  static RunFolder open(Path output, RunIdentity identity) throws IOException {
    var folder = new RunFolder(output);
    Path identityFile = folder.progress.resolve("identity.txt");
    if (Files.exists(identityFile)) {
      folder.requireSame(Files.readAllLines(identityFile), identity);
    } else {
      folder.requireEmpty();
      Files.createDirectories(folder.progress);
      Path written = folder.progress.resolve("identity.txt.part");
      Files.writeString(written, identity.text());
      move(written, identityFile);
    }
    Files.createDirectories(folder.results);
    return folder;
  }

  /**
   * The scores of a slide that was finished before.
   *
   * @throws IOException if the file is damaged
   */
  Optional<float[]> scores(Ring ring, TimeSlide slide) throws IOException {
    Path file = scoresFile(ring, slide);
    try {
      float[] scores = Npy.read(file).floats();
      if (scores.length != slide.windows()) {
        throw new IOException(
            "%s: %d scores (expected: %d; delete it to have them made again)"
                .formatted(file, scores.length, slide.windows()));
      }
      return Optional.of(scores);
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }

  void saveScores(Ring ring, TimeSlide slide, float[] scores) throws IOException {
    Path file = scoresFile(ring, slide);
    Path written = file.resolveSibling(file.getFileName() + ".part");
    Npy.write(written, NpyArray.ofFloats(scores, scores.length));
    move(written, file);
  }

  /** Where a result is written, under its final name. */
  Path result(String name) {
    return results.resolve(name);
  }

  /** Moves results to the output folder in this order, and deletes the progress. */
  void publish(List<String> names) throws IOException {
    for (String name : names) {
      move(results.resolve(name), output.resolve(name));
    }
    try (Stream<Path> files = Files.walk(progress)) {
      for (Path path : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }

  private Path scoresFile(Ring ring, TimeSlide slide) {
    return progress.resolve("scores-%d-%d.npy".formatted(ring.index(), slide.number()));
  }

  private void requireSame(List<String> lines, RunIdentity identity) throws IOException {
    if (!lines.equals(identity.lines())) {
      List<String> theirs =
          lines.stream().filter(line -> !identity.lines().contains(line)).toList();
      List<String> ours = identity.lines().stream().filter(line -> !lines.contains(line)).toList();
      throw new IOException(
          "%s: has the progress of another search, with %s where this one has %s (expected: the same, or another folder)"
              .formatted(output, theirs, ours));
    }
  }

  private void requireEmpty() throws IOException {
    if (!Files.exists(output)) {
      return;
    }
    try (Stream<Path> entries = Files.list(output)) {
      List<Path> present =
          entries
              .map(Path::getFileName)
              .filter(name -> !name.equals(progress.getFileName()))
              .sorted()
              .limit(5)
              .toList();
      if (!present.isEmpty()) {
        throw new IOException(
            "%s: not empty, has %s (expected: an empty or new folder, or one with the progress of the same search)"
                .formatted(output, present));
      }
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
