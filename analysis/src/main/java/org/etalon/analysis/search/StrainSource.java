package org.etalon.analysis.search;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;

/**
 * One detector's strain across its files. Two files at a time are kept in memory, so strain is to
 * be read in order of time. Owned by one thread.
 */
final class StrainSource {
  private static final int FILES_KEPT = 2;

  private final String ifo;
  private final List<InputFile> files;
  private final int sampleRateHz;

  @SuppressWarnings("serial") // never serialised
  private final Map<Path, List<TimeSeries>> kept =
      new LinkedHashMap<>(4, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, List<TimeSeries>> eldest) {
          return size() > FILES_KEPT;
        }
      };

  private StrainSource(String ifo, List<InputFile> files, int sampleRateHz) {
    this.ifo = ifo;
    this.files = files;
    this.sampleRateHz = sampleRateHz;
  }

  /**
   * Looks at every file: what it has, at which rate, and its checksum.
   *
   * @param afterEach run after each file
   * @throws IOException if a file cannot be read, if rates differ, or if a rate is not a whole
   *     number of hertz
   */
  static StrainSource open(DetectorStrain detector, Runnable afterEach) throws IOException {
    List<InputFile> files = new ArrayList<>();
    Map<Path, List<TimeSeries>> last = new LinkedHashMap<>();
    for (Path path : detector.files()) {
      try (StrainFile file = StrainFile.open(path)) {
        Optional<String> named = detector.channel();
        String channel = named.isPresent() ? named.get() : file.strainChannel(detector.ifo());
        List<TimeSeries> series = file.readSpans(channel);
        files.add(
            new InputFile(
                path,
                detector.ifo(),
                channel,
                file.channel(channel).sampleRateHz(),
                series.stream().map(TimeSeries::segment).toList(),
                InputFile.sha256(path)));
        last.clear();
        last.put(path, series);
      }
      afterEach.run();
    }
    files.sort(Comparator.comparingLong(StrainSource::startNs).thenComparing(InputFile::path));
    var source = new StrainSource(detector.ifo(), List.copyOf(files), rate(files));
    source.kept.putAll(last);
    return source;
  }

  String ifo() {
    return ifo;
  }

  int sampleRateHz() {
    return sampleRateHz;
  }

  List<InputFile> files() {
    return files;
  }

  /** The times there is strain of. */
  SegmentList present() {
    return new SegmentList(files.stream().flatMap(file -> file.present().stream()).toList());
  }

  /**
   * The strain of a span that is all present.
   *
   * @throws IOException if a file cannot be read, a sample is infinite, or the span does not begin
   *     and end on samples
   */
  double[] read(Segment span) throws IOException {
    double[] strain = new double[samples(span)];
    long atNs = span.startNs();
    int filled = 0;
    while (filled < strain.length) {
      TimeSeries piece = piece(new Segment(atNs, span.endNs()));
      System.arraycopy(piece.samples(), 0, strain, filled, piece.size());
      filled += piece.size();
      atNs = piece.endNs();
    }
    requireFinite(strain, span);
    return strain;
  }

  /** The longest piece of one file that begins with the span. */
  private TimeSeries piece(Segment span) throws IOException {
    for (InputFile file : files) {
      for (Segment present : file.present()) {
        if (present.contains(span.startNs())) {
          return crop(file, present.intersection(span).orElseThrow());
        }
      }
    }
    throw new IllegalArgumentException("span: %s of %s is not present".formatted(span, ifo));
  }

  private TimeSeries crop(InputFile file, Segment span) throws IOException {
    for (TimeSeries series : series(file)) {
      if (series.segment().contains(span)) {
        try {
          return series.crop(span);
        } catch (IllegalArgumentException e) {
          throw new IOException(
              "%s: %s (expected: samples at whole GPS seconds)"
                  .formatted(file.path(), e.getMessage()),
              e);
        }
      }
    }
    throw new IOException("%s: changed while it was searched".formatted(file.path()));
  }

  private List<TimeSeries> series(InputFile file) throws IOException {
    List<TimeSeries> series = kept.get(file.path());
    if (series == null) {
      try (StrainFile open = StrainFile.open(file.path())) {
        series = open.readSpans(file.channel());
      }
      kept.put(file.path(), series);
    }
    return series;
  }

  private int samples(Segment span) throws IOException {
    try {
      return Math.toIntExact(GpsTime.samples(span.durationNs(), sampleRateHz));
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(ifo, e.getMessage()), e);
    }
  }

  private void requireFinite(double[] strain, Segment span) throws IOException {
    for (int i = 0; i < strain.length; i++) {
      if (!Double.isFinite(strain[i])) {
        long atNs = span.startNs() + GpsTime.durationNs(i, sampleRateHz);
        throw new IOException(
            "%s strain at %s: %s (expected: finite)"
                .formatted(ifo, GpsTime.format(atNs), strain[i]));
      }
    }
  }

  private static long startNs(InputFile file) {
    return file.present().isEmpty() ? Long.MAX_VALUE : file.present().getFirst().startNs();
  }

  private static int rate(List<InputFile> files) throws IOException {
    double[] rates = files.stream().mapToDouble(InputFile::sampleRateHz).distinct().toArray();
    if (rates.length > 1 || rates[0] != Math.rint(rates[0]) || rates[0] > 1 << 20) {
      throw new IOException(
          "files of %s: rates %s Hz (expected: one, a whole number up to 1048576; files: %s)"
              .formatted(
                  files.getFirst().ifo(),
                  Arrays.toString(rates),
                  files.stream().map(InputFile::describe).toList()));
    }
    return (int) rates[0];
  }
}
