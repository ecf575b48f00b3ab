package org.etalon.strain.frames;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;
import org.etalon.strain.LeapSeconds;
import org.etalon.strain.SampleType;
import org.etalon.strain.Segment;

/**
 * Writes a frame file (GWF, format version 8), one frame after another. The file appears under its
 * name with {@link #finish}; closed before that, nothing is left.
 *
 * <p>Channels keep the kind they were read with; those from HDF5 become processed data
 * (FrProcData). The same input gives the same bytes. Owned by one thread.
 */
public final class FrameWriter implements AutoCloseable {
  private static final String PROJECT = "Etalon";
  private static final int RUN = 0;
  private static final int TIME_SERIES = 1;
  private static final long LATEST_SECOND = 1L << 32;

  private final FrameOutput out;
  private final FramePacking packing;
  private final TableOfContents contents = new TableOfContents();
  private List<Shape> shapes = List.of();

  /** What a channel has to have in common in all frames of a file. */
  private record Shape(String name, ChannelInfo.Kind kind, SampleType type, double sampleRateHz) {
    static Shape of(ChannelData channel) {
      ChannelInfo info = channel.info();
      return new Shape(info.name(), storedAs(info), info.type(), info.sampleRateHz());
    }
  }

  private FrameWriter(FrameOutput out, FramePacking packing) {
    this.out = out;
    this.packing = packing;
  }

  /**
   * Begins a file.
   *
   * @param path replaced by {@link #finish} if it exists
   */
  @SuppressWarnings("MustBeClosedChecker") // the writer that is returned closes it
  public static FrameWriter create(Path path, FramePacking packing) throws IOException {
    return new FrameWriter(FrameOutput.create(path), packing);
  }

  /**
   * Writes a frame.
   *
   * @param span the frame's time, after the frames before it
   * @param channels at least one, each of exactly that time; in all frames of a file the same ones
   *     with the same types and rates
   * @throws IllegalArgumentException if that is not so; names the channel
   */
  public void write(Segment span, List<ChannelData> channels) throws IOException {
    require(span, channels);
    long startNs = span.startNs();
    long seconds = Math.floorDiv(startNs, GpsTime.NS_PER_SECOND);
    long nanos = Math.floorMod(startNs, GpsTime.NS_PER_SECOND);
    int frame = contents.frames();
    out.describe(FrameClass.FRAME_H);
    contents.addFrame(span, out.position());
    StructureBytes head = new StructureBytes().text(PROJECT).int32(RUN).int32(frame).int32(0);
    head.int32(seconds).int32(nanos).int16(LeapSeconds.at(startNs));
    head.real64(GpsTime.toSeconds(span.durationNs()));
    for (int i = 0; i < 5; i++) {
      head.none(); // type, user, detectors, history
    }
    first(head, channels, ChannelInfo.Kind.ADC, FrameClass.RAW_DATA);
    first(head, channels, ChannelInfo.Kind.PROC, FrameClass.PROC_DATA);
    first(head, channels, ChannelInfo.Kind.SIM, FrameClass.SIM_DATA);
    for (int i = 0; i < 5; i++) {
      head.none(); // events, summary, auxiliary data
    }
    out.write(FrameClass.FRAME_H, 0, head);
    writeChannels(span, channels);
    StructureBytes end = new StructureBytes().int32(RUN).int32(frame).int32(seconds).int32(nanos);
    out.write(FrameClass.END_OF_FRAME, 0, end);
  }

  /**
   * Ends the file and moves it to its place.
   *
   * @throws IllegalStateException if there is no frame
   */
  public void finish() throws IOException {
    if (contents.frames() == 0) {
      throw new IllegalStateException(out.path() + ": no frame written (expected: at least 1)");
    }
    out.describe(FrameClass.TOC);
    long at = out.write(FrameClass.TOC, 0, contents.bytes(out.described()));
    out.finish(contents.frames(), at);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  private void writeChannels(Segment span, List<ChannelData> channels) throws IOException {
    int vectors = 0;
    for (ChannelInfo.Kind kind :
        List.of(ChannelInfo.Kind.ADC, ChannelInfo.Kind.PROC, ChannelInfo.Kind.SIM)) {
      List<ChannelData> those = of(channels, kind);
      if (kind == ChannelInfo.Kind.ADC && !those.isEmpty()) {
        StructureBytes raw = new StructureBytes().text("raw").none();
        raw.reference(FrameClass.ADC_DATA, 0).none().none().none();
        out.write(FrameClass.RAW_DATA, 0, raw);
      }
      for (int i = 0; i < those.size(); i++) {
        writeChannel(span, kind, those.get(i), i, i + 1 < those.size(), vectors++);
      }
    }
  }

  private void writeChannel(
      Segment span,
      ChannelInfo.Kind kind,
      ChannelData channel,
      int instance,
      boolean hasNext,
      int vector)
      throws IOException {
    FrameClass type =
        switch (kind) {
          case ADC -> FrameClass.ADC_DATA;
          case SIM -> FrameClass.SIM_DATA;
          case PROC, HDF5 -> FrameClass.PROC_DATA;
        };
    StructureBytes fields =
        switch (type) {
          case ADC_DATA -> adc(channel.info(), vector);
          case SIM_DATA -> sim(channel.info(), vector);
          default -> proc(channel.info(), span, vector);
        };
    if (hasNext) {
      fields.reference(type, instance + 1);
    } else {
      fields.none();
    }
    long at = out.write(type, instance, fields);
    contents.addChannel(kind, channel.info().name(), at);
    out.write(FrameClass.VECT, vector, vector(channel));
  }

  /** Without bias, and a slope of one: counts are what they are. */
  private static StructureBytes adc(ChannelInfo info, int vector) {
    StructureBytes adc = new StructureBytes().text(info.name()).text("").int32(0).int32(0);
    adc.int32(8L * info.type().bytes()).real32(0).real32(1).text(info.unit());
    adc.real64(info.sampleRateHz()).real64(0).real64(0).real32(0).int16(0);
    return adc.reference(FrameClass.VECT, vector).none();
  }

  private static StructureBytes proc(ChannelInfo info, Segment span, int vector) {
    StructureBytes proc = new StructureBytes().text(info.name()).text("").int16(TIME_SERIES);
    proc.int16(0).real64(0).real64(GpsTime.toSeconds(span.durationNs())).real64(0).real32(0);
    proc.real64(info.sampleRateHz() / 2).real64(0).int16(0);
    return proc.reference(FrameClass.VECT, vector).none().none().none();
  }

  private static StructureBytes sim(ChannelInfo info, int vector) {
    StructureBytes sim = new StructureBytes().text(info.name()).text("");
    sim.real64(info.sampleRateHz()).real64(0).real64(0).real32(0);
    return sim.reference(FrameClass.VECT, vector).none().none();
  }

  private StructureBytes vector(ChannelData channel) {
    ChannelInfo info = channel.info();
    VectorEncoder stored = VectorEncoder.encode(channel, packing);
    StructureBytes vector = new StructureBytes().text(info.name()).int16(stored.compress());
    vector.int16(typeCode(info.type())).int64(channel.size());
    vector.int64(stored.bytes().length).raw(stored.bytes());
    vector.int32(1).int64(channel.size()).real64(1 / info.sampleRateHz()).real64(0);
    return vector.text("s").text(info.unit()).none();
  }

  /** LIGO-T970130, appendix on FrVect types. */
  private static int typeCode(SampleType type) {
    return switch (type) {
      case INT8 -> 0;
      case INT16 -> 1;
      case FLOAT64 -> 2;
      case FLOAT32 -> 3;
      case INT32 -> 4;
      case INT64 -> 5;
      case COMPLEX64 -> 6;
      case COMPLEX128 -> 7;
      case UINT16 -> 9;
      case UINT32 -> 10;
      case UINT64 -> 11;
      case UINT8 -> 12;
    };
  }

  private static void first(
      StructureBytes head, List<ChannelData> channels, ChannelInfo.Kind kind, FrameClass type) {
    if (of(channels, kind).isEmpty()) {
      head.none();
    } else {
      head.reference(type, 0);
    }
  }

  private static List<ChannelData> of(List<ChannelData> channels, ChannelInfo.Kind kind) {
    return channels.stream().filter(channel -> storedAs(channel.info()) == kind).toList();
  }

  private static ChannelInfo.Kind storedAs(ChannelInfo info) {
    return info.kind() == ChannelInfo.Kind.HDF5 ? ChannelInfo.Kind.PROC : info.kind();
  }

  private void require(Segment span, List<ChannelData> channels) {
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels: none (expected: at least 1)");
    }
    if (span.startNs() < 0 || span.startNs() / GpsTime.NS_PER_SECOND >= LATEST_SECOND) {
      throw new IllegalArgumentException("span: " + span + " (expected: from 0 to 2^32 s)");
    }
    contents.requireAfter(span);
    Set<String> names = new HashSet<>();
    for (ChannelData channel : channels) {
      ChannelInfo info = channel.info();
      if (!info.spans().equals(List.of(span)) || !names.add(info.name())) {
        throw new IllegalArgumentException(
            "channel %s: %s (expected: %s, as the frame, once)"
                .formatted(info.name(), info.spans(), span));
      }
    }
    List<Shape> these = new ArrayList<>(channels.stream().map(Shape::of).toList());
    if (!shapes.isEmpty() && !shapes.equals(these)) {
      these.removeAll(shapes);
      throw new IllegalArgumentException(
          "channels of %s: %s (expected: as in the frames before it, %s)"
              .formatted(span, these, shapes));
    }
    shapes = List.copyOf(channels.stream().map(Shape::of).toList());
  }
}
