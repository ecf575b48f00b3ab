package org.etalon.strain.hdf5;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.GpsTime;

/**
 * Writes time series to an HDF5 file, with GWOSC's attributes, a dataset each. Slashes in a
 * channel's name make groups, so that {@code strain/Strain} and {@code quality/simple/DQmask} lie
 * where public strain has them; the names of a mask's bits are written beside it.
 *
 * <p>Samples are stored in one piece, uncompressed, in their own datatype, unsigned and complex
 * ones too, which jHDF does not write. The file appears under its name with {@link #finish}; closed
 * before that, nothing is left. Owned by one thread.
 */
public final class Hdf5Writer implements AutoCloseable {
  private static final int SUPERBLOCK_BYTES = 48;
  private static final Pattern BIT = Pattern.compile("\\d{1,2}:(\\S+)");

  private final Path path;
  private final Path part;
  private final FileChannel out;
  private final Folder root = new Folder();
  private long startNs = Long.MAX_VALUE;
  private long endNs = Long.MIN_VALUE;
  private long position = SUPERBLOCK_BYTES;

  /** A group to be: what is in it, groups and addresses of datasets. */
  private static final class Folder {
    final Map<String, Folder> folders = new TreeMap<>();
    final Map<String, Long> datasets = new TreeMap<>();
  }

  private Hdf5Writer(Path path, Path part, FileChannel out) {
    this.path = path;
    this.part = part;
    this.out = out;
  }

  /**
   * Begins a file.
   *
   * @param path replaced by {@link #finish} if it exists
   */
  @SuppressWarnings("MustBeClosedChecker") // the writer that is returned closes it
  public static Hdf5Writer create(Path path) throws IOException {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    FileChannel out =
        FileChannel.open(
            part,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    return new Hdf5Writer(path, part, out);
  }

  /**
   * Writes a channel.
   *
   * @throws IllegalArgumentException if it has gaps, its start or rate has no exact form in seconds
   *     as a number of 64 bits, or there is one of its name already
   */
  public void write(ChannelData channel) throws IOException {
    ChannelInfo info = channel.info();
    require(info);
    String[] names = info.name().split("/");
    Folder folder = root;
    for (int i = 0; i < names.length - 1; i++) {
      folder = folder.folders.computeIfAbsent(names[i], _ -> new Folder());
    }
    String name = names[names.length - 1];
    long address = append(channel.values());
    var dataset = new ObjectBytes();
    byte[] type = ObjectBytes.type(info.type());
    dataset.dataset(type, ObjectBytes.simple(channel.size()), address, channel.values().byteSize());
    attributes(dataset, info, name);
    if (folder.datasets.putIfAbsent(name, append(ObjectBytes.object(dataset))) != null) {
      throw new IllegalArgumentException(
          "channel: %s, a second time (expected: names differ)".formatted(info.name()));
    }
    writeBits(folder, name, info.unit());
    startNs = Math.min(startNs, info.startNs());
    endNs = Math.max(endNs, info.endNs());
  }

  /**
   * Ends the file and moves it to its place.
   *
   * @param detector as in {@code H1}, for GWOSC's {@code meta/Detector}; empty: not said
   */
  public void finish(Optional<String> detector) throws IOException {
    if (endNs < startNs) {
      throw new IllegalStateException(path + ": no channel written (expected: at least 1)");
    }
    Folder meta = root.folders.computeIfAbsent("meta", _ -> new Folder());
    if (detector.isPresent()) {
      meta.datasets.put("Detector", text(List.of(detector.get()), ObjectBytes.scalar()));
      meta.datasets.put(
          "Observatory", text(List.of(detector.get().substring(0, 1)), ObjectBytes.scalar()));
    }
    meta.datasets.put("GPSstart", number(Math.floorDiv(startNs, GpsTime.NS_PER_SECOND)));
    meta.datasets.put("Duration", number(Math.ceilDiv(endNs - startNs, GpsTime.NS_PER_SECOND)));
    long rootAddress = append(root);
    var superblock = new ObjectBytes().raw(new byte[] {(byte) 0x89, 'H', 'D', 'F'});
    superblock.raw(new byte[] {'\r', '\n', 0x1A, '\n', 2, 8, 8, 0});
    superblock.number(0, 8).number(-1, 8).number(position, 8).number(rootAddress, 8);
    write(ByteBuffer.wrap(superblock.checked()), 0);
    out.close();
    Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void require(ChannelInfo info) {
    double start = GpsTime.toSeconds(info.startNs());
    boolean isExact =
        GpsTime.ofSeconds(start) == info.startNs()
            && GpsTime.sampleRateHz(1 / info.sampleRateHz()) == info.sampleRateHz();
    if (info.spans().size() > 1 || !isExact) {
      throw new IllegalArgumentException(
          "channel %s: %s at %s Hz (expected: one span, and a start and a rate that HDF5's attributes can hold in seconds)"
              .formatted(info.name(), info.spans(), info.sampleRateHz()));
    }
  }

  private static void attributes(ObjectBytes dataset, ChannelInfo info, String name) {
    if (info.startNs() % GpsTime.NS_PER_SECOND == 0) {
      dataset.attribute("Xstart", info.startNs() / GpsTime.NS_PER_SECOND);
    } else {
      dataset.attribute("Xstart", GpsTime.toSeconds(info.startNs()));
    }
    dataset.attribute("Xspacing", 1 / info.sampleRateHz());
    dataset.attribute("Npoints", info.sampleCount());
    dataset.attribute("Xlabel", "GPS time").attribute("Xunits", "second");
    dataset.attribute("Ylabel", name).attribute("Yunits", info.unit());
  }

  /** {@code DQShortnames} beside {@code DQmask}, from a unit such as {@code 0:DATA 1:CBC_CAT1}. */
  private void writeBits(Folder folder, String name, String unit) throws IOException {
    List<String> bits = new ArrayList<>();
    Matcher matcher = BIT.matcher(unit);
    while (matcher.find()) {
      bits.add(matcher.group(1));
    }
    if (name.endsWith("mask") && !bits.isEmpty()) {
      String beside = name.substring(0, name.length() - "mask".length()) + "Shortnames";
      folder.datasets.put(beside, text(bits, ObjectBytes.simple(bits.size())));
    }
  }

  private long text(List<String> texts, byte[] dataspace) throws IOException {
    int width =
        texts.stream()
            .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
            .max()
            .orElseThrow();
    ByteBuffer padded = ByteBuffer.allocate(width * texts.size());
    for (int i = 0; i < texts.size(); i++) {
      padded.position(i * width).put(texts.get(i).getBytes(StandardCharsets.UTF_8));
    }
    long address = append(padded.array());
    var dataset = new ObjectBytes();
    dataset.dataset(ObjectBytes.text(width), dataspace, address, padded.capacity());
    return append(ObjectBytes.object(dataset));
  }

  private long number(long value) throws IOException {
    long address = append(new ObjectBytes().number(value, 8).toArray());
    var dataset = new ObjectBytes();
    byte[] type = ObjectBytes.type(org.etalon.strain.SampleType.INT64);
    dataset.dataset(type, ObjectBytes.scalar(), address, 8);
    return append(ObjectBytes.object(dataset));
  }

  private long append(Folder folder) throws IOException {
    var group = new ObjectBytes().group();
    for (Map.Entry<String, Folder> inner : folder.folders.entrySet()) {
      if (folder.datasets.containsKey(inner.getKey())) {
        throw new IllegalArgumentException(
            "channel: %s, and others in a group of that name".formatted(inner.getKey()));
      }
      group.link(inner.getKey(), append(inner.getValue()));
    }
    folder.datasets.forEach(group::link);
    return append(ObjectBytes.object(group));
  }

  private long append(byte[] bytes) throws IOException {
    return append(MemorySegment.ofArray(bytes));
  }

  /** Where the bytes begin, a multiple of eight. */
  private long append(MemorySegment bytes) throws IOException {
    long address = Math.ceilDiv(position, 8) * 8;
    write(bytes.asByteBuffer(), address);
    position = address + bytes.byteSize();
    return address;
  }

  private void write(ByteBuffer bytes, long address) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes, address + bytes.position());
    }
  }
}
