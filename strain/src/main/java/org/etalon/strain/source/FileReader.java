package org.etalon.strain.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.etalon.strain.GpsTime;
import org.etalon.strain.Segment;
import org.etalon.strain.SegmentList;
import org.etalon.strain.StrainFile;
import org.etalon.strain.TimeSeries;
import org.jspecify.annotations.Nullable;

/**
 * Reads channels from one file at a time, and cuts pieces from it. What is read of a file is kept
 * until another is. Owned by one thread.
 */
final class FileReader {
  private final List<String> channels;
  private final Map<String, Double> rates = new HashMap<>();
  private @Nullable FileEntry current;
  private List<List<TimeSeries>> series = List.of();

  FileReader(List<String> channels) {
    this.channels = channels;
  }

  /** The times within the file's in which all channels have data. */
  SegmentList present(FileEntry file) throws IOException {
    load(file);
    SegmentList present = SegmentList.of(file.span());
    for (List<TimeSeries> spans : series) {
      present =
          present.intersection(new SegmentList(spans.stream().map(TimeSeries::segment).toList()));
    }
    return present;
  }

  /** Of the channels read so far, in hertz. */
  Stream<Double> rates() {
    return rates.values().stream();
  }

  /** The samples of each channel in a span in which all have data. */
  List<TimeSeries> read(FileEntry file, Segment span) throws IOException {
    load(file);
    List<TimeSeries> cut = new ArrayList<>();
    for (List<TimeSeries> spans : series) {
      Optional<TimeSeries> found =
          spans.stream().filter(each -> each.segment().contains(span)).findFirst();
      if (found.isEmpty()) {
        throw new IOException("%s: no data of %s".formatted(file.path(), span));
      }
      try {
        cut.add(found.get().crop(span));
      } catch (IllegalArgumentException e) {
        throw new IOException("%s: %s".formatted(file.path(), e.getMessage()), e);
      }
    }
    return cut;
  }

  private void load(FileEntry file) throws IOException {
    if (file.equals(current)) {
      return;
    }
    current = null;
    series = List.of(); // freed before the next is read
    List<List<TimeSeries>> read = new ArrayList<>();
    try (StrainFile open = StrainFile.open(file.path())) {
      for (String channel : channels) {
        List<TimeSeries> spans = open.readSpans(channel);
        for (TimeSeries each : spans) {
          require(file, each);
        }
        read.add(spans);
      }
    }
    series = read;
    current = file;
  }

  private void require(FileEntry file, TimeSeries read) throws IOException {
    if (!file.span().contains(read.segment())) {
      throw new IOException(
          "%s: channel %s has %s (expected: within %s, as the file's name or its cache says)"
              .formatted(file.path(), read.channel(), read.segment(), file.span()));
    }
    Double rateHz = rates.putIfAbsent(read.channel(), read.sampleRateHz());
    if (rateHz != null && rateHz != read.sampleRateHz()) {
      throw new IOException(
          "%s: channel %s at %s Hz from %s on (expected: %s Hz, as before)"
              .formatted(
                  file.path(),
                  read.channel(),
                  read.sampleRateHz(),
                  GpsTime.format(read.startNs()),
                  rateHz));
    }
  }
}
