package org.etalon.strain.opendata;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.etalon.strain.opendata.OpenDataException.Reason;

/**
 * The folder of downloaded strain: {@code NAME}, and beside it {@code NAME.sha256} in the format of
 * {@code sha256sum}.
 *
 * <p>A file stands under its name only when it is whole and checked. One process at a time
 * downloads into a folder, by a lock on {@code <cache>/.lock}.
 */
final class StrainCache {
  private static final int MAX_SIDECAR_BYTES = 1024;

  private final Path folder;

  StrainCache(Path folder) {
    this.folder = folder;
  }

  Path pathOf(StrainLink link) {
    return folder.resolve(link.fileName());
  }

  /** Work done while no other process downloads into the folder. */
  interface LockedWork<T> {
    T run() throws IOException;
  }

  <T> T locked(ProgressListener listener, LockedWork<T> work) throws IOException {
    Path lockFile = folder.resolve(".lock");
    try (FileChannel channel = openLock(lockFile);
        FileLock _ = lock(channel, lockFile, listener)) {
      return work.run();
    }
  }

  /**
   * The cached file, if it is there and still what was downloaded; a corrupted one is reported and
   * taken as absent.
   *
   * <p>A file without a checksum beside it was put there by hand: it gets one here, after its
   * format is checked.
   */
  Optional<Path> find(StrainLink link, ProgressListener listener) throws IOException {
    Path file = pathOf(link);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    Path sidecar = sidecarOf(file);
    try {
      checkContent(file, link);
      if (Files.exists(sidecar)) {
        checkSidecar(file, sidecar);
      } else {
        writeSidecar(file);
      }
      return Optional.of(file);
    } catch (OpenDataException e) {
      if (e.reason() != Reason.BAD_FILE) {
        throw e;
      }
      listener.notice(
          "cached file is corrupted and is downloaded again: %s (if it was replaced on purpose, delete %s)"
              .formatted(e.getMessage(), sidecar));
      return Optional.empty();
    }
  }

  /** Checks a finished download and gives it its name. */
  Path accept(Path download, StrainLink link) throws IOException {
    checkContent(download, link);
    Path file = pathOf(link);
    // The checksum first: a file without one would pass for one put there by hand.
    write(sidecarOf(file), sidecarLine(Checksum.of(download, Checksum.Algorithm.SHA256), file));
    Files.move(download, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return file;
  }

  static OpenDataException unusable(Path path, IOException cause) {
    return new OpenDataException(
        Reason.CACHE, "cannot write the cache's %s: %s".formatted(path, cause), cause);
  }

  private FileChannel openLock(Path lockFile) throws IOException {
    try {
      Files.createDirectories(folder);
      return FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private FileLock lock(FileChannel channel, Path lockFile, ProgressListener listener)
      throws IOException {
    try {
      FileLock free = channel.tryLock();
      if (free != null) {
        return free;
      }
      listener.notice("waiting for another process that downloads into " + folder);
      return channel.lock();
    } catch (OverlappingFileLockException e) {
      throw new OpenDataException(
          Reason.CACHE,
          lockFile + ": this process is downloading into " + folder + " already; do one at a time",
          e);
    }
  }

  /**
   * Checks what must hold of any file of that link: its format, and the checksum that the API gave.
   */
  private static void checkContent(Path file, StrainLink link) throws IOException {
    byte[] magic = link.format().magic();
    byte[] found;
    try (InputStream in = Files.newInputStream(file)) {
      found = in.readNBytes(magic.length);
    }
    if (!Arrays.equals(magic, found)) {
      throw new OpenDataException(
          Reason.BAD_FILE,
          "%s (from %s) is not a %s file".formatted(file, link.url(), link.format()));
    }
    if (link.checksum().isPresent()) {
      check(file, link.checksum().get(), link.url().toString());
    }
  }

  private static void checkSidecar(Path file, Path sidecar) throws IOException {
    String line;
    try (InputStream in = Files.newInputStream(sidecar)) {
      line = new String(in.readNBytes(MAX_SIDECAR_BYTES), StandardCharsets.UTF_8);
    }
    Checksum expected =
        Checksum.parse(Checksum.Algorithm.SHA256, line.split("\\s", 2)[0])
            .orElseThrow(() ->
                new OpenDataException(Reason.BAD_FILE, sidecar + " holds no SHA-256 checksum"));
    check(file, expected, sidecar.toString());
  }

  private static void check(Path file, Checksum expected, String source) throws IOException {
    Checksum found = Checksum.of(file, expected.algorithm());
    if (!found.equals(expected)) {
      throw new OpenDataException(
          Reason.BAD_FILE,
          "%s has %s (expected by %s: %s)".formatted(file, found, source, expected.hex()));
    }
  }

  private static void writeSidecar(Path file) throws IOException {
    write(sidecarOf(file), sidecarLine(Checksum.of(file, Checksum.Algorithm.SHA256), file));
  }

  private static void write(Path sidecar, String line) throws IOException {
    Path temporary = sidecar.resolveSibling(sidecar.getFileName() + ".part");
    Files.writeString(temporary, line);
    Files.move(
        temporary, sidecar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String sidecarLine(Checksum checksum, Path file) {
    return checksum.hex() + "  " + file.getFileName() + "\n";
  }

  private static Path sidecarOf(Path file) {
    return file.resolveSibling(file.getFileName() + ".sha256");
  }
}
