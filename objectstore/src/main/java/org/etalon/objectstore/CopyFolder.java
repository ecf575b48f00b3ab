package org.etalon.objectstore;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that this process has for itself and that ends with it. Thread-safe.
 *
 * <p>A lock beside it says that it is in use. Folders whose process ended without deleting them are
 * deleted by the next one.
 */
final class CopyFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CopyFolder.class);
  private static final String LOCK = ".lock";

  /** Below the folder, on its file system, and hidden from who looks for models. */
  private static final String STAGING = ".staging";

  private final Path folder;
  private final Path lockFile;
  private final FileChannel lock;
  private final AtomicLong staged = new AtomicLong();

  private CopyFolder(Path folder, Path lockFile, FileChannel lock) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
  }

  /**
   * Makes one, and deletes those that processes left behind.
   *
   * @param base where all of them are
   */
  static CopyFolder in(Path base) throws IOException {
    Files.createDirectories(base);
    deleteAbandoned(base);
    String name = UUID.randomUUID().toString();
    Path lockFile = base.resolve(name + LOCK);
    FileChannel lock =
        FileChannel.open(lockFile, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock.lock();
    Path folder = Files.createDirectory(base.resolve(name));
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    Files.createDirectory(folder.resolve(STAGING));
    return new CopyFolder(folder.toRealPath(), lockFile, lock);
  }

  private static void deleteAbandoned(Path base) throws IOException {
    try (DirectoryStream<Path> locks = Files.newDirectoryStream(base, "*" + LOCK)) {
      for (Path file : locks) {
        String name = file.getFileName().toString();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
            FileLock free = channel.tryLock()) {
          if (free != null) {
            delete(base.resolve(name.substring(0, name.length() - LOCK.length())));
            Files.deleteIfExists(file);
          }
        } catch (OverlappingFileLockException _) {
          // another repository of this process
        } catch (IOException e) {
          LOG.warn("what an earlier process left could not be deleted: {}", file, e);
        }
      }
    }
  }

  Path path() {
    return folder;
  }

  /** A name for something that is not yet, or no more, to be seen. */
  Path staging() {
    return folder.resolve(STAGING).resolve(Long.toString(staged.getAndIncrement()));
  }

  /** How much can still be written, in bytes. */
  long freeBytes() throws IOException {
    return Files.getFileStore(folder).getUsableSpace();
  }

  /** Takes a file or folder away at once, and deletes it. */
  void remove(Path path) throws IOException {
    if (Files.exists(path)) {
      Path hidden = staging();
      Files.move(path, hidden);
      delete(hidden);
    }
  }

  /** Deletes a file or folder; none is no fault. */
  static void delete(Path path) {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(path)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path each : deepestFirst) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      LOG.warn("the copy {} could not be deleted", path, e);
    }
  }

  @Override
  public void close() {
    delete(folder);
    try {
      Files.deleteIfExists(lockFile);
      lock.close();
    } catch (IOException e) {
      LOG.warn("{} could not be deleted", lockFile, e);
    }
  }
}
