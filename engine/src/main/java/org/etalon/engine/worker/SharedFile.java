package org.etalon.engine.worker;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A file that two processes map: one writes it and makes it larger, the other follows. Used by one
 * thread at a time.
 */
final class SharedFile implements AutoCloseable {
  /** Where tensors begin, for frameworks that compute with vectors. */
  static final long ALIGNMENT = 64;

  private static final long SMALLEST = 64 * 1024;
  private static final int CHUNK = 1 << 20;

  private final Path name;
  private final FileChannel channel;

  /** The last one is the whole file; those before it are mapped until {@link #forgetSmaller}. */
  private final List<Mapping> mappings = new ArrayList<>(2);

  private record Mapping(Arena arena, MemorySegment memory) {}

  private SharedFile(Path name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /** A new, empty one. */
  static SharedFile create(Path file) throws IOException {
    return new SharedFile(
        file,
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  /** One that the other process has made; its name may be taken away afterwards. */
  static SharedFile open(Path file) throws IOException {
    return new SharedFile(
        file, FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
  }

  /** What is mapped, valid until it is mapped anew and {@link #forgetSmaller} is called. */
  MemorySegment memory() {
    return mappings.isEmpty() ? MemorySegment.NULL : mappings.getLast().memory;
  }

  static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Makes the file at least that large. What is mapped already stays so.
   *
   * @throws IOException if there is no room for it, in which case all stays as it is
   */
  void grow(long bytes) throws IOException {
    long size = memory().byteSize();
    if (bytes <= size) {
      return;
    }
    long larger = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) << 1);
    try {
      reserve(size, larger);
    } catch (IOException e) {
      channel.truncate(size);
      throw new IOException(
          "%d bytes of shared memory in %s: %s (expected: room for them there)"
              .formatted(larger, name, e.getMessage()),
          e);
    }
    map(larger);
  }

  /**
   * Writes zeros: a hole would be filled at the first access, which kills where there is no room.
   */
  private void reserve(long from, long to) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK, to - from));
    for (long at = from; at < to; ) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
      at += channel.write(zeros, at);
    }
  }

  /** Maps what the other process has made larger. */
  void follow(long bytes) throws IOException {
    if (bytes > memory().byteSize()) {
      if (bytes > channel.size()) {
        throw new IOException(
            "%s has %d bytes (expected: %d)".formatted(name, channel.size(), bytes));
      }
      map(bytes);
      forgetSmaller();
    }
  }

  @SuppressWarnings("MustBeClosedChecker") // closed when forgotten, or with the file
  private void map(long bytes) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      mappings.add(new Mapping(arena, channel.map(MapMode.READ_WRITE, 0, bytes, arena)));
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /** Unmaps all but the whole file: nothing points into the others any more. */
  void forgetSmaller() {
    while (mappings.size() > 1) {
      mappings.removeFirst().arena.close();
    }
  }

  /** Where memory lies in the file; empty if it does not. */
  OptionalLong offsetOf(MemorySegment data) {
    if (data.isNative()) {
      for (Mapping mapping : mappings) {
        long offset = data.address() - mapping.memory.address();
        if (offset >= 0 && offset + data.byteSize() <= mapping.memory.byteSize()) {
          return OptionalLong.of(offset);
        }
      }
    }
    return OptionalLong.empty();
  }

  @Override
  public void close() throws IOException {
    mappings.forEach(mapping -> mapping.arena.close());
    mappings.clear();
    channel.close();
  }
}
