package org.etalon.strain.source;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.StrainFile;

/**
 * The whole files of a folder that have the channels wanted, as they appear. Files that vanish, as
 * ring buffers delete them, are forgotten. Owned by one thread.
 */
final class WatchedFolder {
  private final LiveFolder wanted;
  private final LiveListener listener;
  private final Ticker ticker;
  private final long patienceNs;
  private final TreeMap<Long, FileEntry> ready = new TreeMap<>();
  private final Map<Path, Long> firstSeenNs = new HashMap<>();
  private final Set<Path> settled = new HashSet<>();
  private final Map<String, Boolean> kinds = new HashMap<>();
  private OptionalLong beganNs = OptionalLong.empty();

  WatchedFolder(LiveFolder wanted, LiveListener listener, Ticker ticker, long patienceNs) {
    this.wanted = wanted;
    this.listener = listener;
    this.ticker = ticker;
    this.patienceNs = patienceNs;
  }

  /**
   * Looks at the folder again.
   *
   * @param passedNs files that end here or before are late, but for those from before the first
   *     look, which nobody waited for
   */
  void poll(long passedNs) throws IOException {
    if (beganNs.isEmpty()) {
      beganNs = OptionalLong.of(passedNs);
    }
    Set<Path> present = new HashSet<>();
    List<Path> fresh = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(wanted.folder())) {
      for (Path path : files) {
        present.add(path);
        if (!settled.contains(path)) {
          fresh.add(path);
        }
      }
    }
    settled.retainAll(present);
    firstSeenNs.keySet().retainAll(present);
    ready.values().removeIf(file -> !present.contains(file.path()));
    fresh.sort(null);
    for (Path path : fresh) {
      look(path, passedNs);
    }
  }

  /** The file that covers an instant, or the first after it. */
  Optional<FileEntry> atOrAfter(long gpsNs) {
    Map.Entry<Long, FileEntry> before = ready.floorEntry(gpsNs);
    if (before != null && before.getValue().span().contains(gpsNs)) {
      return Optional.of(before.getValue());
    }
    return Optional.ofNullable(ready.ceilingEntry(gpsNs)).map(Map.Entry::getValue);
  }

  /** The file of the latest time. */
  Optional<FileEntry> newest() {
    return Optional.ofNullable(ready.lastEntry()).map(Map.Entry::getValue);
  }

  /** Drops files that end at or before an instant. */
  void forget(long gpsNs) {
    ready.values().removeIf(file -> file.span().endNs() <= gpsNs);
  }

  private void look(Path path, long passedNs) throws IOException {
    Optional<FileEntry> named = FileEntry.ofName(path);
    if (named.isEmpty() || !FileEntry.isStrainName(path)) {
      settled.add(path); // a part of a file under another name, or no strain at all
      return;
    }
    FileEntry file = named.get();
    if (file.span().endNs() <= passedNs) {
      settled.add(path);
      boolean isAwaited = file.span().endNs() > beganNs.orElse(Long.MIN_VALUE);
      if (isAwaited && kinds.getOrDefault(kind(file), false)) {
        listener.late(path);
      }
      return;
    }
    Optional<String> fault = fault(file);
    if (fault.isEmpty()) {
      settled.add(path);
      if (kinds.getOrDefault(kind(file), false)) {
        add(file);
      }
      return;
    }
    long seenNs = firstSeenNs.computeIfAbsent(path, _ -> ticker.nowNs());
    if (ticker.nowNs() - seenNs >= patienceNs) {
      settled.add(path);
      listener.unreadable(path, fault.get());
    }
  }

  /** Why a file cannot be read, perhaps yet; learns what its kind of file has. */
  private Optional<String> fault(FileEntry file) {
    if (!kinds.getOrDefault(kind(file), true)) {
      return Optional.empty();
    }
    try (StrainFile open = StrainFile.open(file.path())) {
      if (!kinds.containsKey(kind(file))) {
        List<String> names = open.channels().stream().map(ChannelInfo::name).toList();
        kinds.put(kind(file), names.containsAll(wanted.channels()));
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private void add(FileEntry file) throws IOException {
    Map.Entry<Long, FileEntry> before = ready.lowerEntry(file.span().endNs());
    if (before != null && before.getValue().span().intersects(file.span())) {
      throw new IOException(
          "%s and %s overlap: %s and %s (expected: one file for a time)"
              .formatted(
                  before.getValue().path(), file.path(), before.getValue().span(), file.span()));
    }
    ready.put(file.span().startNs(), file);
  }

  private static String kind(FileEntry file) {
    return file.observatory() + "-" + file.description();
  }
}
