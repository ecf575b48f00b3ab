package org.etalon.analysis.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
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
  private static final String IDENTITY = "identity.txt";
  private static final String PART = ".part";

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
    Path identityFile = folder.progress.resolve(IDENTITY);
    if (Files.exists(identityFile)) {
      folder.requireSame(Files.readAllLines(identityFile), identity);
    } else {
      folder.requireEmpty();
      Files.createDirectories(folder.progress);
      Path written = folder.progress.resolve(IDENTITY + PART);
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
    Path written = file.resolveSibling(file.getFileName() + PART);
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

  /** A run that was stopped before it had noted its identity left no more than this. */
  private void requireEmpty() throws IOException {
    List<String> present = new ArrayList<>(names(output));
    if (present.remove(progress.getFileName().toString())) {
      present.addAll(names(progress));
      present.remove(IDENTITY + PART);
    }
    if (!present.isEmpty()) {
      throw new IOException(
          "%s: not empty, has %s (expected: an empty or new folder, or one with the progress of the same search)"
              .formatted(output, present.stream().sorted().limit(5).toList()));
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(path -> path.getFileName().toString()).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (NotDirectoryException e) {
      throw new IOException(folder + ": a file (expected: a folder)", e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
