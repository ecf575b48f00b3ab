package org.etalon.server.observation;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes traces into files; a file is whole after each. Owned by one thread. */
final class TraceFile implements TraceWriter {
  private static final byte[] BEGIN = "[\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NEXT = ",\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "\n]\n".getBytes(StandardCharsets.US_ASCII);

  private final Path file;

  /** Traces written since the files have been split as they are now. */
  private long written;

  private long frequency;
  private boolean isFresh = true;

  private TraceFile(Path file) {
    this.file = file;
  }

  /**
   * @throws IllegalArgumentException if there is no folder for the file, which is made with the
   *     first trace
   */
  static TraceFile at(String file) {
    Path path = Path.of(file).toAbsolutePath();
    Path folder = path.getParent();
    if (folder == null || !Files.isWritable(folder) || Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          "--trace-config triton,file: '%s' (expected: a file in a folder that can be written to)"
              .formatted(file));
    }
    return new TraceFile(path);
  }

  @Override
  public void write(List<FinishedTrace> traces) throws IOException {
    for (FinishedTrace trace : traces) {
      write(trace);
    }
  }

  private void write(FinishedTrace trace) throws IOException {
    long split = trace.settings().logFrequency();
    if (split != frequency) {
      frequency = split;
      written = 0;
      isFresh = true;
    }
    Path target = split == 0 ? file : Path.of(file + "." + written / split);
    boolean isFirst = split == 0 ? isFresh : written % split == 0;
    append(target, TraceText.of(trace), isFirst);
    isFresh = false;
    written++;
  }

  /** Writes over the end of what is there, so that the file is whole again afterwards. */
  private static void append(Path target, byte[] objects, boolean isFirst) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(target.toFile(), "rw")) {
      if (isFirst) {
        out.setLength(0);
      }
      long end = Math.max(0, out.length() - END.length);
      out.seek(end);
      out.write(end == 0 ? BEGIN : NEXT);
      out.write(objects);
      out.write(END);
    }
  }
}
