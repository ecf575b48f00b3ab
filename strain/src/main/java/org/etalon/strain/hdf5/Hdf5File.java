package org.etalon.strain.hdf5;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.ChannelNotFoundException;
import org.etalon.strain.StrainFile;
import org.jspecify.annotations.Nullable;

/**
 * An open HDF5 file. Channels are named by the path of their dataset, as in {@code strain/Strain}
 * or {@code H1:GDS-CALIB_STRAIN}.
 */
final class Hdf5File implements StrainFile {
  private static final int DEEPEST = 16;
  private static final int MOST_NODES = 100_000;
  private static final String DETECTOR = "meta/Detector";

  private final Path path;
  private final Arena arena;
  private final HdfFile file;
  private final long fileBytes;
  private final Hdf5Guard guard;
  private @Nullable Map<String, Hdf5Channel> channels;
  private int nodes;

  private Hdf5File(Path path, Arena arena, HdfFile file, long fileBytes) {
    this.path = path;
    this.arena = arena;
    this.file = file;
    this.fileBytes = fileBytes;
    guard = new Hdf5Guard(path);
  }

  /** Opens a file and refuses one that has been cut off. */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned closes it
  static Hdf5File open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      Hdf5File opened = open(path, arena);
      opened.requireWhole();
      return opened;
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static Hdf5File open(Path path, Arena arena) throws IOException {
    Hdf5Guard guard = new Hdf5Guard(path);
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size > Integer.MAX_VALUE) { // more than one buffer can map
        return new Hdf5File(path, arena, guard.call("superblock", () -> new HdfFile(path)), size);
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      HdfFile file = guard.call("superblock", () -> HdfFile.fromByteBuffer(mapped.asByteBuffer()));
      return new Hdf5File(path, arena, file, size);
    }
  }

  private void requireWhole() throws IOException {
    long end =
        guard.call(
            "superblock", () -> file.getHdfBackingStorage().getSuperblock().getEndOfFileAddress());
    if (end > fileBytes) {
      throw guard.refusal(
          "superblock", "%d bytes (expected: %d; the file is cut off)".formatted(fileBytes, end));
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<ChannelInfo> channels() throws IOException {
    return known().values().stream().map(Hdf5Channel::info).toList();
  }

  @Override
  public ChannelInfo channel(String name) throws IOException {
    return require(name).info();
  }

  @Override
  public ChannelData read(String channel) throws IOException {
    return require(channel).read(guard);
  }

  @Override
  public Optional<String> detector() throws IOException {
    return guard.call(
        DETECTOR,
        () ->
            file.getChild("meta") instanceof Group meta
                    && meta.getChild("Detector") instanceof Dataset detector
                    && detector.isScalar()
                    && detector.getData() instanceof String name
                ? Optional.of(name)
                : Optional.empty());
  }

  @Override
  public void close() throws IOException {
    if (arena.scope().isAlive()) {
      try {
        guard.call(
            "file",
            () -> {
              file.close();
              return true;
            });
      } finally {
        arena.close();
      }
    }
  }

  private Hdf5Channel require(String name) throws IOException {
    Hdf5Channel channel = known().get(name);
    if (channel == null) {
      throw new ChannelNotFoundException(path, name, known().keySet());
    }
    return channel;
  }

  private Map<String, Hdf5Channel> known() throws IOException {
    Map<String, Hdf5Channel> found = channels;
    if (found == null) {
      found = new LinkedHashMap<>();
      nodes = 0;
      collect(file, "", DEEPEST, found);
      channels = found;
    }
    return found;
  }

  private void collect(Group group, String prefix, int depth, Map<String, Hdf5Channel> into)
      throws IOException {
    String what = prefix.isEmpty() ? "root group" : "group " + prefix;
    if (depth == 0 || nodes > MOST_NODES) {
      throw guard.refusal(
          what, "more than %d groups deep or %d nodes".formatted(DEEPEST, MOST_NODES));
    }
    Map<String, Node> children = guard.call(what, group::getChildren);
    for (Map.Entry<String, Node> child : children.entrySet()) {
      nodes++;
      String name = prefix + child.getKey();
      Node node = child.getValue();
      if (guard.call(name, node::isLink)) {
        continue; // soft and external links repeat what is elsewhere
      }
      if (node instanceof Group inner) {
        collect(inner, name + "/", depth - 1, into);
      } else if (node instanceof Dataset dataset) {
        Optional<Hdf5Channel> channel = Hdf5Channel.of(guard, name, dataset, fileBytes);
        if (channel.isPresent()) {
          into.put(name, channel.get());
        }
      }
    }
  }
}
