package org.etalon.feeds.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.Segment;
import org.etalon.strain.StrainFile;
import org.etalon.strain.source.FileEntry;
import org.etalon.strain.source.LiveListener;

/**
 * Messages as files in a folder, named by the convention (LIGO-T050017): whole, each time once.
 * Frames with the same channels are of one kind, whatever else is in the topic. Owned by one
 * thread.
 */
final class FrameSpool {
  private final Path folder;
  private final String topic;
  private final LiveListener listener;

  /** What lies there of each kind, by its start. */
  private final Map<String, TreeMap<Long, Kept>> kinds = new HashMap<>();

  /** A message's file. */
  static final class Kept {
    private final Path path;
    private final Segment span;
    private boolean isDeleted;

    private Kept(Path path, Segment span) {
      this.path = path;
      this.span = span;
    }

    boolean isDeleted() {
      return isDeleted;
    }
  }

  FrameSpool(Path folder, String topic, LiveListener listener) {
    this.folder = folder;
    this.topic = topic.replaceAll("[^A-Za-z0-9_]", "_");
    this.listener = listener;
  }

  /**
   * Makes a message a file.
   *
   * @param name of the message, for people
   * @return empty if it is no frame, or brings a time that is there already; the listener is told
   *     unless it is the same time exactly
   * @throws IOException if the folder cannot be written
   */
  Optional<Kept> add(String name, byte[] frame) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.write(part, frame == null ? new byte[0] : frame);
    FileEntry entry;
    try (StrainFile file = StrainFile.open(part)) {
      entry = entry(file);
    } catch (IOException e) {
      Files.delete(part);
      listener.unreadable(Path.of(name), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    TreeMap<Long, Kept> kind = kinds.computeIfAbsent(entry.description(), _ -> new TreeMap<>());
    Map.Entry<Long, Kept> before = kind.lowerEntry(entry.span().endNs());
    if (before != null && before.getValue().span.intersects(entry.span())) {
      Files.delete(part);
      if (!before.getValue().span.equals(entry.span())) {
        listener.unreadable(
            Path.of(name),
            "%s overlaps %s of an earlier message (expected: each time once)"
                .formatted(entry.span(), before.getValue().span));
      }
      return Optional.empty();
    }
    Files.move(part, entry.path(), StandardCopyOption.ATOMIC_MOVE);
    Kept kept = new Kept(entry.path(), entry.span());
    kind.put(entry.span().startNs(), kept);
    return Optional.of(kept);
  }

  private FileEntry entry(StrainFile file) throws IOException {
    List<ChannelInfo> channels = file.channels();
    if (channels.isEmpty()) {
      throw new IOException(file.path() + ": no time series (expected: at least one channel)");
    }
    long startNs = channels.stream().mapToLong(ChannelInfo::startNs).min().orElseThrow();
    long endNs = channels.stream().mapToLong(ChannelInfo::endNs).max().orElseThrow();
    Segment span = new Segment(startNs, endNs);
    List<String> names = channels.stream().map(ChannelInfo::name).sorted().toList();
    String description = topic + "_" + Integer.toHexString(names.hashCode());
    String name = FileEntry.name("X", description, span, "gwf");
    return FileEntry.ofName(folder.resolve(name))
        .orElseThrow(() -> new IOException(name + ": no GPS time (expected: 0 to 2^32 s)"));
  }

  /** Files that end after an instant. */
  int ahead(long gpsNs) {
    int ahead = 0;
    for (TreeMap<Long, Kept> kind : kinds.values()) {
      ahead += kind.tailMap(gpsNs, true).size();
    }
    return ahead;
  }

  /** Deletes the files that end before an instant, or at it. */
  void deleteBefore(long gpsNs) throws IOException {
    for (TreeMap<Long, Kept> kind : kinds.values()) {
      Iterator<Kept> oldest = kind.values().iterator();
      while (oldest.hasNext()) {
        Kept kept = oldest.next();
        if (kept.span.endNs() > gpsNs) {
          break;
        }
        Files.deleteIfExists(kept.path);
        kept.isDeleted = true;
        oldest.remove();
      }
    }
  }
}
