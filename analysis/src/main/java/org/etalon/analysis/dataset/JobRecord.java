package org.etalon.analysis.dataset;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A small file beside the outputs that says how many rows are on disk, and of which job: what lets
 * a stopped job go on. Owned by one thread.
 */
final class JobRecord {
  private final Path path;
  private final String job;

  private JobRecord(Path path, String job) {
    this.path = path;
    this.job = job;
  }

  /**
   * @param what everything that decides the outputs; another job's record counts for nothing
   */
  static JobRecord of(Path path, List<String> what) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : what) {
        digest.update((part + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return new JobRecord(path, HexFormat.of().formatHex(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Rows of this job that are on disk; 0 if there is no record, or another job's. */
  long completeRows() throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
    List<String> lines = Files.readAllLines(path);
    if (lines.size() != 2 || !lines.getFirst().equals(job)) {
      return 0;
    }
    try {
      return Math.max(0, Long.parseLong(lines.get(1)));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  void save(long completeRows) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".next");
    Files.write(next, List.of(job, Long.toString(completeRows)));
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  void delete() throws IOException {
    Files.deleteIfExists(path);
  }
}
