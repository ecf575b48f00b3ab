package org.etalon.strain.opendata;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.strain.opendata.OpenDataException.Reason;

/**
 * Public strain by event or GPS time, from GWOSC's server or the cache folder.
 *
 * <p>Files are downloaded once, resumed if cut, and checked by SHA-256 at each later use. Without a
 * network, what was asked for before still works. For one thread at a time; processes may share a
 * cache folder.
 */
public final class OpenData implements Closeable {
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private final GwoscHttp http;
  private final EventCatalog events;
  private final StrainArchive archive;
  private final StrainCache cache;
  private final Downloader downloader;

  private OpenData(OpenDataConfig config, Pause pause) {
    http = new GwoscHttp(config, pause);
    ApiAnswers answers = new ApiAnswers(config, http);
    events = new EventCatalog(answers);
    archive = new StrainArchive(answers);
    cache = new StrainCache(config.cacheFolder());
    downloader = new Downloader(http, cache);
  }

  /** Nothing is sent before the first question. */
  public static OpenData open(OpenDataConfig config) {
    return open(config, Thread::sleep);
  }

  static OpenData open(OpenDataConfig config, Pause pause) {
    return new OpenData(config, pause);
  }

  /**
   * As {@link #event(String, ProgressListener)}, telling nobody of answers from an earlier visit.
   */
  public EventInfo event(String name) throws IOException {
    return event(name, ProgressListener.silent());
  }

  /**
   * What is published of an event.
   *
   * @param name its name in upper or lower case, such as {@code GW150914}; {@code GW150914-v2}
   *     names a version, else it is the latest
   * @param listener told if GWOSC cannot be reached and its answer of an earlier visit is used
   * @throws OpenDataException if there is no such event (the message has the nearest names), or
   *     GWOSC cannot be asked
   */
  public EventInfo event(String name, ProgressListener listener) throws IOException {
    return events.find(name, listener);
  }

  /**
   * The strain files of an event, one for each detector, in the detectors' order.
   *
   * <p>If all detectors are wanted, the listener is told of those that have no such file.
   *
   * @throws OpenDataException if a wanted file is not published, cannot be downloaded or is not
   *     what was promised
   */
  public List<Path> fetch(EventInfo event, StrainSelection selection, ProgressListener listener)
      throws IOException {
    return download(choose(event, selection, listener), listener);
  }

  /**
   * The strain files that hold {@code [startNs, endNs)} of GPS time, by detector, then time.
   *
   * <p>The files reach past the span on both sides; gaps in what is published are told to the
   * listener.
   *
   * @param startNs GPS time in nanoseconds
   * @param endNs GPS time in nanoseconds, after {@code startNs}
   * @throws OpenDataException if nothing is published of a wanted detector there, or a download
   *     fails
   */
  public List<Path> fetch(
      long startNs, long endNs, StrainSelection selection, ProgressListener listener)
      throws IOException {
    long endSeconds = Math.ceilDiv(endNs, NS_PER_SECOND);
    if (startNs < 0 || endNs <= startNs || endSeconds > StrainLink.MAX_GPS_SECONDS) {
      throw new IllegalArgumentException(
          "startNs: %d, endNs: %d (expected: 0 <= startNs < endNs, in GPS nanoseconds)"
              .formatted(startNs, endNs));
    }
    return download(
        archive.find(startNs / NS_PER_SECOND, endSeconds, selection, listener), listener);
  }

  /** Drops all connections; an unfinished download is resumed by the next fetch. */
  @Override
  public void close() {
    http.close();
  }

  private List<Path> download(List<StrainLink> links, ProgressListener listener)
      throws IOException {
    return cache.locked(
        listener,
        () -> {
          List<Path> files = new ArrayList<>();
          for (StrainLink link : links) {
            files.add(downloader.fetch(link, listener));
          }
          return List.copyOf(files);
        });
  }

  private static List<StrainLink> choose(
      EventInfo event, StrainSelection selection, ProgressListener listener)
      throws OpenDataException {
    boolean isAnyDetector = selection.detectors().isEmpty();
    List<StrainLink> chosen = new ArrayList<>();
    for (String detector :
        isAnyDetector ? event.detectors() : new TreeSet<>(selection.detectors())) {
      Optional<StrainLink> link = nearest(event, detector, selection);
      if (link.isPresent()) {
        chosen.add(link.get());
      } else if (isAnyDetector) {
        StrainSelection alone = selection.withDetectors(Set.of(detector));
        listener.notice(describeMissing(event, alone));
      } else {
        throw notPublished(event, selection);
      }
    }
    if (chosen.isEmpty()) {
      throw notPublished(event, selection);
    }
    return chosen;
  }

  /** Of several fitting files, the one whose middle is nearest to the merger. */
  private static Optional<StrainLink> nearest(
      EventInfo event, String detector, StrainSelection selection) {
    return event.links().stream()
        .filter(link -> link.detector().equals(detector) && selection.fitsKind(link))
        .filter(link -> link.durationSeconds() == selection.durationSeconds())
        .min(Comparator.comparingLong(link -> Math.abs(middleNs(link) - event.gpsNs())));
  }

  private static long middleNs(StrainLink link) {
    return (link.gpsStartSeconds() + link.gpsEndSeconds()) * (NS_PER_SECOND / 2);
  }

  private static OpenDataException notPublished(EventInfo event, StrainSelection selection) {
    return new OpenDataException(Reason.NOT_PUBLISHED, describeMissing(event, selection));
  }

  private static String describeMissing(EventInfo event, StrainSelection selection) {
    List<String> published =
        event.links().stream().map(OpenData::describe).distinct().sorted().toList();
    return "%s version %d has no strain of %s, %d s long (published: %s)"
        .formatted(
            event.name(),
            event.version(),
            selection.describe(),
            selection.durationSeconds(),
            published.isEmpty() ? "none" : String.join("; ", published));
  }

  private static String describe(StrainLink link) {
    return "%s %d Hz %d s %s"
        .formatted(link.detector(), link.sampleRateHz(), link.durationSeconds(), link.format());
  }
}
