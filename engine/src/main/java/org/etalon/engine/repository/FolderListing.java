package org.etalon.engine.repository;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.etalon.inference.ServingException;

/** All files below a folder, links followed and hidden ones left out. Owned by one thread. */
final class FolderListing {
  /** Deeper than any model; where links make a circle, the walk itself notices. */
  private static final int MAX_DEPTH = 32;

  private final SortedSet<String> folders = new TreeSet<>();
  private final List<Entry> entries = new ArrayList<>();

  private FolderListing() {}

  /**
   * @param top the name of the file or folder in the listed folder that this one lies in, or is
   * @param text everything that changes when the file does
   */
  private record Entry(String top, String text) {}

  /**
   * Lists a folder.
   *
   * @throws ServingException INVALID_ARGUMENT if a link leads out of {@code boundary}
   */
  static FolderListing of(Path boundary, Path folder) throws IOException {
    FolderListing listing = new FolderListing();
    Path inside = boundary.toRealPath();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            refuseOutside(inside, path);
            if (path.equals(folder)) {
              return FileVisitResult.CONTINUE;
            }
            if (isHidden(path)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            if (folder.equals(path.getParent())) {
              listing.folders.add(path.getFileName().toString());
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (!isHidden(path)) {
              refuseOutside(inside, path);
              listing.add(folder.relativize(path), attributes);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    // The walk's order is the file system's, which may change without any file changing.
    listing.entries.sort((a, b) -> a.text.compareTo(b.text));
    return listing;
  }

  static boolean isHidden(Path path) {
    return path.getFileName().toString().startsWith(".");
  }

  private static void refuseOutside(Path inside, Path path) throws IOException {
    if (!Files.isSymbolicLink(path)) {
      return; // only links lead elsewhere, and those above have been followed already
    }
    if (!Files.exists(path)) {
      throw ServingException.invalid(
          "'%s' links to '%s', which is not there".formatted(path, Files.readSymbolicLink(path)));
    }
    Path real = path.toRealPath();
    if (!real.startsWith(inside)) {
      throw ServingException.invalid(
          "'%s' links to '%s' (expected: a target inside the repository %s)"
              .formatted(path, real, inside));
    }
  }

  private void add(Path relative, BasicFileAttributes attributes) {
    String text =
        "%s|%d|%s|%s"
            .formatted(
                relative, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    entries.add(new Entry(relative.getName(0).toString(), text));
  }

  /** Names of the folders that lie directly in the listed one. */
  SortedSet<String> folders() {
    return folders;
  }

  /** A digest of the paths, sizes and times of the files that lie in the chosen top entries. */
  String fingerprint(Predicate<String> isChosen) {
    MessageDigest digest = sha256();
    for (Entry entry : entries) {
      if (isChosen.test(entry.top)) {
        digest.update(entry.text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
