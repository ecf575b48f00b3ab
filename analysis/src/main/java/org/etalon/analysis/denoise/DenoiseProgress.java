package org.etalon.analysis.denoise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * How far a run is, kept in a file of its output folder, so that one that was stopped goes on and
 * writes the same bytes.
 *
 * @param stretchNs where the stretch without gaps began that was being cleaned
 * @param doneNs cleaned strain before is written
 * @param memoryNs strain before a sample that has a part in it
 */
record DenoiseProgress(long stretchNs, long doneNs, long memoryNs) {
  private static final String FILE = ".denoise-progress";

  /** Where reading has to begin, whole seconds after the stretch's start. */
  long restartNs() {
    long back = doneNs - memoryNs - stretchNs;
    return back <= 0 ? stretchNs : stretchNs + back / 1_000_000_000 * 1_000_000_000;
  }

  /**
   * Reads what an earlier run left.
   *
   * @param identity what makes two runs the same
   * @throws IOException if the folder holds another run's progress, or other files and none
   */
  static Optional<DenoiseProgress> read(Path folder, List<String> identity) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      if (Files.isDirectory(folder)) {
        try (var files = Files.list(folder)) {
          if (files.findAny().isPresent()) {
            throw new IOException(
                folder
                    + ": not empty (expected: an empty or new folder, or one with the same run's progress)");
          }
        }
      }
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(file);
    List<String> theirs = lines.subList(Math.min(1, lines.size()), lines.size());
    if (!theirs.equals(identity)) {
      throw new IOException(
          "%s: has another run's output, with %s where this one has %s (expected: the same, or another folder)"
              .formatted(
                  folder,
                  theirs.stream().filter(line -> !identity.contains(line)).toList(),
                  identity.stream().filter(line -> !theirs.contains(line)).toList()));
    }
    String[] numbers = lines.getFirst().split(" ");
    return Optional.of(
        new DenoiseProgress(
            Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2])));
  }

  void write(Path folder, List<String> identity) throws IOException {
    Path part = folder.resolve(FILE + ".part");
    StringBuilder text = new StringBuilder();
    text.append(stretchNs).append(' ').append(doneNs).append(' ').append(memoryNs).append('\n');
    identity.forEach(line -> text.append(line).append('\n'));
    Files.writeString(part, text);
    Files.move(
        part,
        folder.resolve(FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
