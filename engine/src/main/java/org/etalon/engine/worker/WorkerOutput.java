package org.etalon.engine.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker process prints, line by line into the service's log; a JVM that crashes prints
 * where. Thread-safe; guarded by itself.
 */
final class WorkerOutput {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerOutput.class);

  /** What a JVM that crashes prints: {@code # SIGSEGV (0xb) at pc=...}. */
  private static final Pattern SIGNAL = Pattern.compile("# +(SIG[A-Z]+) \\(.*");

  /** The line behind {@code # Problematic frame:}: {@code # C [libtorch.so+0x12] name}. */
  private static final Pattern FRAME = Pattern.compile("# ([CjJvV]) +(\\S.*)");

  private static final int KEPT = 3;
  private static final int PATIENCE_MILLIS = 1000;
  private static final int SIGNALLED = 128;

  private final String label;
  private final Deque<String> last = new ArrayDeque<>();
  private Optional<String> signal = Optional.empty();
  private Optional<String> frame = Optional.empty();
  private final Thread reader;

  private WorkerOutput(String label, Process process) {
    this.label = label;
    this.reader =
        Thread.ofPlatform().daemon().name(label + "-output").unstarted(() -> read(process));
  }

  static WorkerOutput follow(String label, Process process) {
    WorkerOutput output = new WorkerOutput(label, process);
    output.reader.start();
    return output;
  }

  private void read(Process process) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      LOG.debug("{}: its output ended: {}", label, e.getMessage());
    }
  }

  private synchronized void add(String line) {
    LOG.info("{}: {}", label, line);
    Matcher named = SIGNAL.matcher(line);
    if (named.matches()) {
      signal = Optional.of(named.group(1));
    }
    Matcher found = FRAME.matcher(line);
    if (found.matches()) {
      frame = Optional.of(found.group(2));
    }
    if (!line.isBlank()) {
      last.add(line);
      if (last.size() > KEPT) {
        last.remove();
      }
    }
  }

  /**
   * How the process ended, which it has.
   *
   * @return such as {@code crashed (SIGSEGV in [libtorch.so+0x12])}, {@code ended with exit status
   *     1 (No module named numpy)}
   */
  String end(int exitStatus) throws InterruptedException {
    reader.join(PATIENCE_MILLIS);
    synchronized (this) {
      if (signal.isPresent()) {
        return "crashed (%s in %s)".formatted(signal.get(), frame.orElse("unknown code"));
      }
      String how =
          exitStatus > SIGNALLED
              ? "ended by signal " + (exitStatus - SIGNALLED)
              : "ended with exit status " + exitStatus;
      return last.isEmpty() ? how : "%s (%s)".formatted(how, String.join(" / ", last));
    }
  }
}
