package org.etalon.strain.source;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.Segment;

/**
 * Strain of files that appear in folders while it is read, as in a detector's shared memory.
 *
 * <p>A file counts once it is whole, by its own end mark, so writers may write in place or rename.
 * One that does not come is waited for as long as later ones are missing too; then for the
 * patience, after which the source goes on behind the gap. What comes later than that is told to
 * the listener. A reader too slow for its files falls behind, or if so set goes on with the newest.
 */
public final class LiveSource implements StrainSource {
  private static final Duration LONGEST = Duration.ofSeconds(64);

  private final List<WatchedFolder> folders;
  private final LiveSettings settings;
  private final LiveListener listener;
  private final Ticker ticker;
  private final PieceReader reader;
  private long cursorNs;
  private boolean hasBegun;
  private long gapSeenNs;
  private boolean isAtGap;

  private LiveSource(
      List<LiveFolder> folders, LiveSettings settings, LiveListener listener, Ticker ticker) {
    this.settings = settings;
    this.listener = listener;
    this.ticker = ticker;
    this.folders =
        folders.stream()
            .map(f -> new WatchedFolder(f, listener, ticker, settings.patience().toNanos()))
            .toList();
    reader =
        new PieceReader(folders.stream().map(LiveFolder::channels).toList(), LONGEST.toNanos());
    hasBegun = settings.startNs().isPresent();
    cursorNs = settings.startNs().orElse(Long.MIN_VALUE);
  }

  /**
   * Follows folders. Chunks have the folders' channels one after another.
   *
   * @param folders at least one; a folder may be given twice, for channels of two kinds of files
   */
  public static LiveSource open(
      List<LiveFolder> folders, LiveSettings settings, LiveListener listener) {
    return open(folders, settings, listener, Ticker.ofSystem());
  }

  static LiveSource open(
      List<LiveFolder> folders, LiveSettings settings, LiveListener listener, Ticker ticker) {
    if (folders.isEmpty()) {
      throw new IllegalArgumentException("folders: none (expected: at least 1)");
    }
    return new LiveSource(folders, settings, listener, ticker);
  }

  @Override
  public Optional<StrainChunk> next() throws IOException, InterruptedException {
    if (settings.maxBehind().isPresent() && hasBegun) {
      keepUp(settings.maxBehind().get().toNanos());
    }
    while (!isOver()) {
      Optional<List<FileEntry>> files = filesAtCursor();
      if (files.isEmpty()) {
        ticker.sleep(settings.poll());
        continue;
      }
      long endNs = files.get().stream().mapToLong(file -> file.span().endNs()).min().orElseThrow();
      Segment within = new Segment(cursorNs, Math.min(endNs, settings.endNs().orElse(endNs)));
      Optional<StrainChunk> chunk = reader.first(files.get(), within);
      long passedNs = chunk.map(found -> found.span().endNs()).orElse(within.endNs());
      Segment passed = new Segment(cursorNs, passedNs);
      cursorNs = passedNs;
      folders.forEach(folder -> folder.forget(cursorNs));
      if (chunk.isPresent()) {
        if (chunk.get().span().startNs() > passed.startNs()) {
          listener.missing(new Segment(passed.startNs(), chunk.get().span().startNs()));
        }
        return chunk;
      }
      listener.missing(passed);
    }
    return Optional.empty();
  }

  /** Goes on with the newest time that all folders have files of, if it is too far ahead. */
  private void keepUp(long mostNs) throws IOException {
    long newestNs = Long.MAX_VALUE;
    long toNs = Long.MAX_VALUE;
    for (WatchedFolder folder : folders) {
      folder.poll(cursorNs);
      Optional<FileEntry> newest = folder.newest();
      newestNs = Math.min(newestNs, newest.map(file -> file.span().endNs()).orElse(cursorNs));
      toNs = Math.min(toNs, newest.map(file -> file.span().startNs()).orElse(cursorNs));
    }
    if (newestNs - cursorNs > mostNs && toNs > cursorNs) {
      listener.skipped(new Segment(cursorNs, toNs));
      cursorNs = toNs;
      isAtGap = false;
      folders.forEach(folder -> folder.forget(cursorNs));
    }
  }

  private boolean isOver() {
    return settings.endNs().isPresent() && cursorNs >= settings.endNs().getAsLong();
  }

  /** The files that cover the cursor; empty if one is to be waited for. */
  private Optional<List<FileEntry>> filesAtCursor() throws IOException {
    List<FileEntry> files = new ArrayList<>();
    for (WatchedFolder folder : folders) {
      Optional<FileEntry> file = folder.atOrAfter(cursorNs);
      if (file.isEmpty() || file.get().span().startNs() > cursorNs) {
        folder.poll(hasBegun ? cursorNs : Long.MIN_VALUE);
        file = folder.atOrAfter(cursorNs);
      }
      file.ifPresent(files::add);
    }
    if (files.size() < folders.size()) {
      isAtGap = false;
      return Optional.empty();
    }
    long latestNs = files.stream().mapToLong(file -> file.span().startNs()).max().orElseThrow();
    if (latestNs <= cursorNs) {
      isAtGap = false;
      return Optional.of(files);
    }
    passGap(latestNs);
    return Optional.empty();
  }

  /** All folders have later files: waits for those in between, for the patience. */
  private void passGap(long toNs) {
    if (!isAtGap) {
      isAtGap = true;
      gapSeenNs = ticker.nowNs();
    }
    if (!hasBegun || ticker.nowNs() - gapSeenNs >= settings.patience().toNanos()) {
      if (hasBegun) {
        listener.missing(new Segment(cursorNs, toNs));
      }
      hasBegun = true;
      isAtGap = false;
      cursorNs = toNs;
    }
  }

  @Override
  public void close() {
    // a file is open only while it is read
  }
}
