package org.etalon.strain.source;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;

/**
 * Strain of files that are all there. One file a set of channels is read at a time, when its turn
 * comes: the memory needed does not grow with the archive.
 */
public final class ArchiveSource implements StrainSource {
  private static final Segment ALL = new Segment(Long.MIN_VALUE / 4, Long.MAX_VALUE / 4);

  private final List<ChannelSet> sets;
  private final List<Segment> wanted;
  private final PieceReader reader;
  private final int[] at;
  private long cursorNs;
  private int wantedAt;

  private ArchiveSource(List<ChannelSet> sets, List<Segment> wanted, Duration longest) {
    this.sets = sets;
    this.wanted = wanted;
    reader = new PieceReader(sets.stream().map(ChannelSet::channels).toList(), longest.toNanos());
    at = new int[sets.size()];
    cursorNs = Long.MIN_VALUE;
  }

  /**
   * A source of all times at which every channel has data.
   *
   * @param sets the channels, with their files; chunks have the channels in this order
   * @param longest a chunk; one never crosses from one file into the next
   * @throws IOException if files of a set overlap; names them
   */
  public static ArchiveSource open(List<ChannelSet> sets, Duration longest) throws IOException {
    return open(sets, new SegmentList(List.of(ALL)), longest);
  }

  /** A source of some times alone, such as those of good data. */
  public static ArchiveSource open(List<ChannelSet> sets, SegmentList times, Duration longest)
      throws IOException {
    if (sets.isEmpty() || longest.isZero() || longest.isNegative()) {
      throw new IllegalArgumentException(
          "sets: %d, longest: %s (expected: at least one, above zero)"
              .formatted(sets.size(), longest));
    }
    for (ChannelSet set : sets) {
      set.files().requireDisjoint();
    }
    return new ArchiveSource(List.copyOf(sets), times.segments(), longest);
  }

  @Override
  public Optional<StrainChunk> next() throws IOException {
    while (wantedAt < wanted.size()) {
      Segment span = wanted.get(wantedAt);
      cursorNs = Math.max(cursorNs, span.startNs());
      Optional<List<FileEntry>> files = filesAtCursor();
      if (files.isEmpty()) {
        return Optional.empty();
      }
      if (cursorNs >= span.endNs()) {
        wantedAt++;
        continue;
      }
      long endNs = files.get().stream().mapToLong(file -> file.span().endNs()).min().orElseThrow();
      Segment within = new Segment(cursorNs, Math.min(endNs, span.endNs()));
      Optional<StrainChunk> chunk = reader.first(files.get(), within);
      cursorNs = chunk.map(found -> found.span().endNs()).orElse(within.endNs());
      if (chunk.isPresent()) {
        return chunk;
      }
    }
    return Optional.empty();
  }

  /** The files that cover the cursor, which moves on to where all sets have one. */
  private Optional<List<FileEntry>> filesAtCursor() {
    while (true) {
      List<FileEntry> files = new ArrayList<>();
      for (int i = 0; i < at.length; i++) {
        List<FileEntry> all = sets.get(i).files().files();
        while (at[i] < all.size() && all.get(at[i]).span().endNs() <= cursorNs) {
          at[i]++;
        }
        if (at[i] == all.size()) {
          return Optional.empty();
        }
        files.add(all.get(at[i]));
      }
      long latestNs = files.stream().mapToLong(file -> file.span().startNs()).max().orElseThrow();
      if (latestNs <= cursorNs) {
        return Optional.of(files);
      }
      cursorNs = latestNs;
    }
  }

  @Override
  public void close() {
    // a file is open only while it is read
  }
}
