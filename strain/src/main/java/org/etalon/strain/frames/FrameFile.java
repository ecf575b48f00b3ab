package org.etalon.strain.frames;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.etalon.strain.ChannelData;
import org.etalon.strain.ChannelInfo;
import org.etalon.strain.ChannelNotFoundException;
import org.etalon.strain.StrainFile;

/**
 * An open frame file, mapped into memory.
 *
 * <p>Samples are given as stored: the bias and slope of ADC channels are not applied, nor are the
 * flags of validity beside them.
 */
final class FrameFile implements StrainFile {
  private final Path path;
  private final Arena arena;
  private final FrameBytes bytes;
  private final FrameDirectory directory;
  private final Map<String, Optional<FrameChannel>> opened = new HashMap<>();

  private FrameFile(Path path, Arena arena, FrameBytes bytes, FrameDirectory directory) {
    this.path = path;
    this.arena = arena;
    this.bytes = bytes;
    this.directory = directory;
  }

  /** Maps a file and verifies its structure and checksums; reads no samples. */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned closes it
  static FrameFile open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel file = FileChannel.open(path)) {
      MemorySegment mapped = file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena);
      FileHeader header = FileHeader.read(path, mapped);
      FrameBytes bytes = new FrameBytes(path, mapped, header.order());
      return new FrameFile(path, arena, bytes, FrameWalk.walk(bytes, header));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    } catch (InternalError e) {
      arena.close();
      throw changed(path, e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<ChannelInfo> channels() throws IOException {
    List<ChannelInfo> infos = new ArrayList<>();
    for (String name : directory.channels().keySet()) {
      open(name).ifPresent(channel -> infos.add(channel.info()));
    }
    return List.copyOf(infos);
  }

  @Override
  public ChannelInfo channel(String name) throws IOException {
    return require(name).info();
  }

  @Override
  public ChannelData read(String channel) throws IOException {
    try {
      FrameChannel opened = require(channel);
      return new ChannelData(opened.info(), MemorySegment.ofArray(opened.decode(path)));
    } catch (InternalError e) {
      throw changed(path, e);
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private FrameChannel require(String name) throws IOException {
    Optional<FrameChannel> channel =
        directory.channels().containsKey(name) ? open(name) : Optional.empty();
    if (channel.isEmpty()) {
      throw new ChannelNotFoundException(
          path, name, channels().stream().map(ChannelInfo::name).toList());
    }
    return channel.get();
  }

  /** Empty if it is no series of numbers. */
  private Optional<FrameChannel> open(String name) throws IOException {
    Optional<FrameChannel> known = opened.get(name);
    if (known == null) {
      List<ChannelPart> parts = directory.channels().getOrDefault(name, List.of());
      known = FrameChannel.of(name, bytes, directory.dictionary(), parts);
      opened.put(name, known);
    }
    return known;
  }

  /** The JVM reports so that a mapped file has become shorter under its reader. */
  private static IOException changed(Path path, InternalError cause) {
    return new IOException(path + ": the file changed while it was read", cause);
  }
}
