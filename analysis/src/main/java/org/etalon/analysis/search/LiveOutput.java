package org.etalon.analysis.search;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.etalon.strain.GpsTime;

/**
 * The output folder of a live search: {@code candidates.jsonl}, a line for each candidate within
 * the moment, {@code foreground.csv}, a line once nothing louder can be near, and how far the
 * search is. What was written after that was last noted is cut off when the search goes on, and
 * written again.
 */
final class LiveOutput implements AutoCloseable {
  private static final String PROGRESS = ".search-progress";
  private static final String CANDIDATES = "candidates.jsonl";
  private static final String FOREGROUND = "foreground.csv";
  private static final String BACKGROUND = "background.csv";

  /**
   * How far a search is.
   *
   * @param doneNs strain before is searched
   * @param restartNs where reading has to begin to go on as if it had never stopped
   * @param candidates lines of {@code foreground.csv}
   * @param counts of the background
   */
  record Progress(
      long doneNs,
      long restartNs,
      long candidates,
      long livetimeNs,
      long backgroundNs,
      Map<Integer, Long> counts) {}

  private final Path folder;
  private final List<String> identity;
  private final List<String> ifos;
  private final Optional<Progress> earlier;
  private final BufferedWriter candidates;
  private final BufferedWriter foreground;

  private LiveOutput(Path folder, List<String> identity, List<String> ifos) throws IOException {
    this.folder = folder;
    this.identity = identity;
    this.ifos = ifos;
    Path file = folder.resolve(PROGRESS);
    if (Files.exists(file)) {
      List<String> lines = Files.readAllLines(file);
      requireSame(lines.subList(Math.min(3, lines.size()), lines.size()));
      this.earlier = Optional.of(progress(lines));
      String[] sizes = lines.get(2).split(" ");
      cut(CANDIDATES, Long.parseLong(sizes[0]));
      cut(FOREGROUND, Long.parseLong(sizes[1]));
    } else {
      requireEmpty();
      this.earlier = Optional.empty();
      Files.createDirectories(folder);
    }
    this.candidates = append(CANDIDATES);
    this.foreground = append(FOREGROUND);
    if (earlier.isEmpty()) {
      foreground.write(header());
      foreground.flush();
    }
  }

  /**
   * Opens the folder, or goes on in it.
   *
   * @param identity what makes two searches the same
   * @throws IOException if it has anything but the output of the same search
   */
  static LiveOutput open(Path folder, List<String> identity, List<String> ifos) throws IOException {
    return new LiveOutput(folder, identity, ifos);
  }

  /** What an earlier run of the same search had noted. */
  Optional<Progress> earlier() {
    return earlier;
  }

  void candidate(LiveCandidate candidate) throws IOException {
    candidates.write(candidate.toJson(ifos));
    candidates.write('\n');
    candidates.flush();
  }

  /** A candidate that nothing louder is near. */
  void settled(
      LiveStretch.Estimate estimate,
      double statistic,
      Optional<LiveCandidate.Significance> significance)
      throws IOException {
    StringBuilder line = new StringBuilder(GpsTime.format(estimate.gpsNs())).append(',');
    line.append((float) statistic).append(',');
    line.append(significance.map(s -> String.valueOf(s.farPerYear())).orElse("")).append(',');
    line.append(significance.map(s -> String.valueOf(s.isUpperLimit())).orElse("")).append(',');
    line.append(significance.map(s -> String.valueOf(s.pValue())).orElse("")).append(',');
    line.append(significance.map(s -> String.valueOf(s.louderBackground())).orElse(""));
    line.append(',').append((float) estimate.peakScore());
    estimate.detectorGpsNs().forEach(ns -> line.append(',').append(GpsTime.format(ns)));
    foreground.write(line.append('\n').toString());
    foreground.flush();
  }

  private String header() {
    StringBuilder header =
        new StringBuilder("gps_time,detection_statistic,far_per_year,far_is_upper_limit,");
    header.append("p_value,louder_background,peak_score");
    ifos.forEach(ifo -> header.append(",gps_time_").append(ifo.toLowerCase(Locale.ROOT)));
    return header.append('\n').toString();
  }

  /** Notes how far the search is; all lines written before stay. */
  void note(Progress progress) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d %d %d %d %d%n"
            .formatted(
                progress.doneNs(),
                progress.restartNs(),
                progress.candidates(),
                progress.livetimeNs(),
                progress.backgroundNs()));
    progress.counts().forEach((bin, count) -> text.append(bin + ":" + count + " "));
    text.append('\n');
    text.append(Files.size(folder.resolve(CANDIDATES)) + " ");
    text.append(Files.size(folder.resolve(FOREGROUND)) + "\n");
    identity.forEach(line -> text.append(line).append('\n'));
    replace(PROGRESS, text.toString());
  }

  /** Writes the background's counts for people to read. */
  void writeBackground(Map<Integer, Long> counts, long livetimeNs) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("# %s s of time slides%n".formatted(livetimeNs / 1e9));
    text.append("detection_statistic_from,count\n");
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(bin -> text.append(bin.getKey() / 100.0 + "," + bin.getValue() + "\n"));
    replace(BACKGROUND, text.toString());
  }

  @Override
  public void close() throws IOException {
    try (candidates) {
      foreground.close();
    }
  }

  private static Progress progress(List<String> lines) {
    long[] numbers = longs(lines.getFirst());
    Map<Integer, Long> counts = new HashMap<>();
    for (String bin : lines.get(1).strip().split(" +")) {
      int colon = bin.indexOf(':');
      if (colon > 0) {
        counts.put(
            Integer.parseInt(bin.substring(0, colon)), Long.parseLong(bin.substring(colon + 1)));
      }
    }
    return new Progress(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], counts);
  }

  private static long[] longs(String line) {
    String[] parts = line.split(" ");
    long[] numbers = new long[parts.length];
    for (int i = 0; i < parts.length; i++) {
      numbers[i] = Long.parseLong(parts[i]);
    }
    return numbers;
  }

  private void cut(String name, long size) throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve(name), StandardOpenOption.WRITE)) {
      file.truncate(size);
    }
  }

  private BufferedWriter append(String name) throws IOException {
    return Files.newBufferedWriter(
        folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void replace(String name, String text) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.writeString(part, text);
    Files.move(
        part,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void requireSame(List<String> theirs) throws IOException {
    if (!theirs.equals(identity)) {
      throw new IOException(
          "%s: has another search's output, with %s where this one has %s (expected: the same, or another folder)"
              .formatted(
                  folder,
                  theirs.stream().filter(line -> !identity.contains(line)).toList(),
                  identity.stream().filter(line -> !theirs.contains(line)).toList()));
    }
  }

  private void requireEmpty() throws IOException {
    try (var files = Files.list(folder)) {
      if (files.findAny().isPresent()) {
        throw new IOException(
            folder
                + ": not empty (expected: an empty or new folder, or one with the same search's progress)");
      }
    } catch (NoSuchFileException _) {
      // it is made
    }
  }
}
