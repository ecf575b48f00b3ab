package org.etalon.backends.libraries;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.etalon.inference.ServingException;

/**
 * A folder of native libraries, one folder a set. Thread-safe, and safe against other processes
 * that install the same set.
 *
 * <p>A set is fetched and unpacked into a folder beside its own and then renamed, so what has its
 * name is whole.
 */
public final class LibraryStore {
  /** The system property that names the folder; by default it lies in the user's cache. */
  public static final String FOLDER_PROPERTY = "etalon.libraries";

  private final Path folder;
  private final LibrarySources sources;

  public LibraryStore(Path folder, LibrarySources sources) {
    this.folder = folder.toAbsolutePath();
    this.sources = sources;
  }

  /** The store of the user who runs this process. */
  public static LibraryStore ofUser() {
    String named = System.getProperty(FOLDER_PROPERTY);
    String cache = System.getenv().getOrDefault("XDG_CACHE_HOME", "");
    Path folder =
        named != null
            ? Path.of(named)
            : (cache.isBlank()
                    ? Path.of(System.getProperty("user.home"), ".cache")
                    : Path.of(cache))
                .resolve("etalon")
                .resolve("libraries");
    return new LibraryStore(folder, LibrarySources.ofUser());
  }

  /** Where a set lies or will lie. */
  public Path folderOf(LibrarySet set) {
    return folder.resolve(set.folderName());
  }

  public boolean isInstalled(LibrarySet set) {
    return Files.isDirectory(folderOf(set));
  }

  /**
   * The folder of a set's libraries, which are installed first if they are not yet.
   *
   * @throws ServingException UNAVAILABLE if they cannot be fetched or kept; the message says how
   *     else to bring them here
   */
  public Path provide(LibrarySet set, FetchListener listener) {
    if (isInstalled(set)) {
      return folderOf(set);
    }
    try {
      Files.createDirectories(folder);
      synchronized (LibraryStore.class) { // a file lock is the whole process's
        try (FileChannel channel =
                FileChannel.open(
                    folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock _ = channel.lock()) {
          if (!isInstalled(set)) {
            install(set, listener);
          }
        }
      }
      return folderOf(set);
    } catch (IOException e) {
      throw new ServingException(org.etalon.inference.ErrorCode.UNAVAILABLE, refusal(set, e), e);
    }
  }

  private String refusal(LibrarySet set, IOException cause) {
    String reason =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    boolean isWheel = set.archives().getFirst().file() instanceof PythonWheel;
    return ("the libraries of backend '%s' are not installed and cannot be fetched from %s: %s"
            + " (remedy: 'etalon backends install %s' where there is a network, another %s,"
            + " or copy %s from another machine)")
        .formatted(
            set.name(),
            (isWheel ? sources.pythonIndex() : sources.remoteRepository())
                .map(Object::toString)
                .orElse("anywhere"),
            reason,
            set.name(),
            isWheel
                ? "index with --python-index or " + LibrarySources.INDEX_VARIABLE
                : "repository with --maven-repository or " + LibrarySources.REPOSITORY_VARIABLE,
            folderOf(set));
  }

  /** The lock is held: what lies in a partial folder was left behind by a process that ended. */
  private void install(LibrarySet set, FetchListener listener) throws IOException {
    Path partial = folder.resolve(set.folderName() + ".part");
    delete(partial);
    Files.createDirectories(partial);
    try {
      for (LibrarySet.Archive archive : set.archives()) {
        Path packed = partial.resolve(archive.file().name());
        switch (archive.file()) {
          case MavenFile jar -> bring(jar, packed, listener);
          case PythonWheel wheel -> bring(wheel, packed, listener);
        }
        unpack(archive, packed, partial);
        Files.delete(packed);
      }
      try {
        Files.move(partial, folderOf(set), StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException(folder + " cannot rename folders atomically", e);
      }
    } finally {
      delete(partial);
    }
  }

  private void bring(MavenFile file, Path target, FetchListener listener) throws IOException {
    IOException problem = new IOException("there is no repository to fetch it from");
    for (Path repository : sources.localRepositories()) {
      Path local = repository.resolve(file.path());
      if (Files.isRegularFile(local)) {
        try {
          Downloads.copy(local, file, target, listener);
          return;
        } catch (IOException e) {
          problem = e;
        }
      }
    }
    if (sources.remoteRepository().isEmpty()) {
      throw problem;
    }
    String base = sources.remoteRepository().get().toString();
    URI address = URI.create((base.endsWith("/") ? base : base + "/") + file.path());
    Downloads.fetch(address, file, target, listener);
  }

  private void bring(PythonWheel wheel, Path target, FetchListener listener) throws IOException {
    URI index =
        sources
            .pythonIndex()
            .orElseThrow(() -> new IOException("there is no index to fetch it from"));
    URI page = wheel.page(index);
    URI file =
        wheel
            .link(page, Downloads.page(page))
            .orElseThrow(() -> new IOException("%s lists no %s".formatted(page, wheel.name())));
    Downloads.fetch(file, wheel, target, listener);
  }

  private static void unpack(LibrarySet.Archive archive, Path packed, Path target)
      throws IOException {
    try (ZipFile zip = new ZipFile(packed.toFile())) {
      for (String library : archive.libraries()) {
        ZipEntry entry = zip.getEntry(archive.folder() + library);
        if (entry == null) {
          throw new IOException(
              "%s holds no %s%s".formatted(archive.file().name(), archive.folder(), library));
        }
        try (InputStream content = zip.getInputStream(entry)) {
          Files.copy(content, target.resolve(library));
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }
}
