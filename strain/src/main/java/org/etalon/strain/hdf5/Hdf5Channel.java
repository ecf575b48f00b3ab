package org.etalon.strain.hdf5;

import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;
import org.jspecify.annotations.Nullable;

/** A dataset that is a time series: it has one dimension, a start and a spacing. */
record Hdf5Channel(ChannelInfo info, Dataset dataset) {
  /** Attributes with start, spacing and unit, in seconds: GWOSC's, then GWpy's. */
  private static final List<List<String>> LAYOUTS =
      List.of(List.of("Xstart", "Xspacing", "Yunits"), List.of("x0", "dx", "unit"));

  /** Deflate's best is 1032 to 1: a size beyond this many times the file is a damaged one. */
  private static final long MOST_EXPANSION = 2048;

  private static final double LATEST_SECOND = 0x1p32;
  private static final double SHORTEST_SPACING = 1e-9;
  private static final double LONGEST_SECONDS = 1e9;

  /** Empty if the dataset is no time series. */
  static Optional<Hdf5Channel> of(Hdf5Guard guard, String name, Dataset dataset, long fileBytes)
      throws IOException {
    String what = "dataset " + name;
    for (List<String> layout : LAYOUTS) {
      Optional<Double> start = guard.call(what, () -> number(dataset, layout.get(0)));
      Optional<Double> spacing = guard.call(what, () -> number(dataset, layout.get(1)));
      if (start.isPresent() && spacing.isPresent()) {
        Optional<SampleType> type = guard.call(what, () -> Hdf5Samples.type(dataset.getDataType()));
        int[] dimensions = guard.call(what, dataset::getDimensions);
        if (type.isEmpty() || dimensions.length != 1) {
          return Optional.empty();
        }
        requireSize(guard, what, dimensions[0], type.get(), fileBytes);
        Segment span = span(guard, what, start.get(), spacing.get(), dimensions[0]);
        String unit = guard.call(what, () -> unit(dataset, layout.get(2)));
        ChannelInfo info =
            new ChannelInfo(
                name,
                ChannelInfo.Kind.HDF5,
                type.get(),
                GpsTime.sampleRateHz(spacing.get()),
                unit,
                List.of(span));
        return Optional.of(new Hdf5Channel(info, dataset));
      }
    }
    return Optional.empty();
  }

  ChannelData read(Hdf5Guard guard) throws IOException {
    String what = "dataset " + info.name();
    byte[] samples = guard.call(what, () -> Hdf5Samples.bytes(dataset.getData(), info.type()));
    long expected = info.sampleCount() * info.type().bytes();
    if (samples.length != expected) {
      throw guard.refusal(what, "%d bytes (expected: %d)".formatted(samples.length, expected));
    }
    return new ChannelData(info, MemorySegment.ofArray(samples));
  }

  private static void requireSize(
      Hdf5Guard guard, String what, int samples, SampleType type, long fileBytes)
      throws IOException {
    long most = Math.min(fileBytes * MOST_EXPANSION, Integer.MAX_VALUE - 8) / type.bytes();
    if (samples < 1 || samples > most) {
      throw guard.refusal(
          what,
          "%d samples of %s (expected: 1 to %d, by the file's %d bytes)"
              .formatted(samples, type, most, fileBytes));
    }
  }

  private static Segment span(
      Hdf5Guard guard, String what, double start, double spacing, int samples) throws IOException {
    boolean isTime = Math.abs(start) < LATEST_SECOND;
    boolean isSpacing = spacing > SHORTEST_SPACING && spacing * samples < LONGEST_SECONDS;
    if (!isTime || !isSpacing) {
      throw guard.refusal(
          what,
          "%d samples from %s s on, %s s apart (expected: a GPS time, and %s s or more, up to %s s)"
              .formatted(samples, start, spacing, SHORTEST_SPACING, LONGEST_SECONDS));
    }
    long startNs = GpsTime.ofSeconds(start);
    long durationNs = GpsTime.durationNs(samples, GpsTime.sampleRateHz(spacing));
    return new Segment(startNs, startNs + durationNs);
  }

  private static Optional<Double> number(Dataset dataset, String attribute) {
    return value(dataset, attribute) instanceof Number number
        ? Optional.of(number.doubleValue())
        : Optional.empty();
  }

  /** A scalar, or the one element of an array, as some writers have it. */
  private static @Nullable Object value(Dataset dataset, String attribute) {
    Attribute found = dataset.getAttributes().get(attribute);
    if (found == null || found.isEmpty() || found.getSize() != 1) {
      return null;
    }
    Object data = found.getData();
    return switch (data) {
      case double[] array -> array[0];
      case float[] array -> array[0];
      case long[] array -> array[0];
      case int[] array -> array[0];
      case String[] array -> array[0];
      case null, default -> data;
    };
  }

  private static String unit(Dataset dataset, String attribute) {
    String bits = bits(dataset);
    return bits.isEmpty() && value(dataset, attribute) instanceof String unit ? unit : bits;
  }

  /** GWOSC's masks have a dataset beside them that names their bits. */
  private static String bits(Dataset dataset) {
    String name = dataset.getName();
    if (!name.endsWith("mask")) {
      return "";
    }
    String names = name.substring(0, name.length() - "mask".length()) + "Shortnames";
    Group group = dataset.getParent();
    if (!(group.getChildren().get(names) instanceof Dataset found)
        || !(found.getData() instanceof String[] bits)) {
      return "";
    }
    StringBuilder unit = new StringBuilder();
    for (int bit = 0; bit < bits.length; bit++) {
      unit.append(bit == 0 ? "" : " ").append(bit).append(':').append(bits[bit].strip());
    }
    return unit.toString();
  }
}
