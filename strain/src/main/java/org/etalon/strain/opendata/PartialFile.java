package org.etalon.strain.opendata;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A download that is not finished: {@code NAME.part}, and in {@code NAME.part.from} where it comes
 * from.
 *
 * <p>It is resumed only from the same address, and only if the server named the state of the file:
 * bytes of two states must not be joined.
 */
final class PartialFile {
  private final Path bytes;
  private final Path origin;

  PartialFile(Path target) {
    bytes = target.resolveSibling(target.getFileName() + ".part");
    origin = target.resolveSibling(target.getFileName() + ".part.from");
  }

  Path path() {
    return bytes;
  }

  long length() throws IOException {
    return Files.isRegularFile(bytes) ? Files.size(bytes) : 0;
  }

  /**
   * The state of the file at {@code url} that the bytes here belong to; empty if there is nothing
   * to resume.
   */
  Optional<String> resumableState(URI url) throws IOException {
    if (length() == 0 || !Files.isRegularFile(origin)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(origin);
    boolean isFromThere =
        lines.size() == 2 && lines.get(0).equals(url.toString()) && !lines.get(1).isEmpty();
    return isFromThere ? Optional.of(lines.get(1)) : Optional.empty();
  }

  /** Starts over, with the state in which the server now has the file. */
  void restart(URI url, Optional<String> state) throws IOException {
    discard();
    if (state.isPresent()) {
      Files.write(origin, List.of(url.toString(), state.get()));
    }
  }

  /** Forgets the origin; the bytes have been moved away. */
  void finish() throws IOException {
    Files.deleteIfExists(origin);
  }

  void discard() throws IOException {
    // The origin first: bytes without it are never resumed.
    Files.deleteIfExists(origin);
    Files.deleteIfExists(bytes);
  }
}
