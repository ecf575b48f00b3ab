package org.etalon.inference.npy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads and writes {@code .npy} files, versions 1.0, 2.0 and 3.0.
 *
 * <p>Big-endian items and Fortran order are converted. A file must hold one array and nothing after
 * it. All methods are stateless and thread-safe.
 */
public final class Npy {
  private static final long MAX_READ_BYTES = 1 << 30;

  private Npy() {}

  /**
   * Reads a file into memory outside the heap, which the garbage collector frees.
   *
   * @throws IOException if it cannot be read, or, with the offset, if it is not an array of numbers
   *     or booleans
   */
  public static NpyArray read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      Arena arena = Arena.ofAuto();
      MemorySegment file = arena.allocate(channel.size(), 64);
      readFully(path, channel, file);
      return NpyDecoder.decode(path.toString(), file, arena);
    }
  }

  /**
   * Reads a file that lies in memory; the array has its own copy of the items.
   *
   * @throws IOException with the offset, if it is not an array of numbers or booleans
   */
  public static NpyArray read(byte[] file) throws IOException {
    return read(ByteBuffer.wrap(file));
  }

  /**
   * Reads a file that lies in memory, from the buffer's position to its limit, which stay as they
   * are; the array has its own copy of the items.
   *
   * @throws IOException with the offset, if it is not an array of numbers or booleans
   */
  public static NpyArray read(ByteBuffer file) throws IOException {
    Arena arena = Arena.ofAuto();
    MemorySegment copy = arena.allocate(file.remaining(), 64);
    copy.copyFrom(MemorySegment.ofBuffer(file));
    return NpyDecoder.decode("array in memory", copy, arena);
  }

  /**
   * Maps a file, so that it may be larger than memory; it stays mapped as long as the array's data
   * is reachable.
   *
   * <p>What must be converted (big-endian, Fortran order) is copied to memory instead. The file
   * must not shrink while it is mapped: reading what is gone makes the virtual machine throw an
   * {@link InternalError}.
   *
   * @throws IOException as for {@link #read(Path)}
   */
  public static NpyArray map(Path path) throws IOException {
    return map(path, Arena.ofAuto());
  }

  /** As {@link #map(Path)}; the file stays mapped until {@code arena} is closed. */
  public static NpyArray map(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
      return NpyDecoder.decode(path.toString(), file, arena);
    }
  }

  /**
   * Writes a version 1.0 file. It appears under its name whole or not at all; one that is there is
   * replaced.
   *
   * @throws IOException if it cannot be written
   */
  public static void write(Path path, NpyArray array) throws IOException {
    try (NpyWriter writer = NpyWriter.create(path, array.dtype(), array.shape())) {
      writer.write(0, array.data());
      writer.finish();
    }
  }

  private static void readFully(Path path, FileChannel channel, MemorySegment target)
      throws IOException {
    long at = 0;
    while (at < target.byteSize()) {
      long bytes = Math.min(MAX_READ_BYTES, target.byteSize() - at);
      int count = channel.read(target.asSlice(at, bytes).asByteBuffer(), at);
      if (count < 0) {
        throw NpyDecoder.fault(
            path.toString(),
            at,
            "the file ended while it was read (expected: " + target.byteSize() + " bytes)");
      }
      at += count;
    }
  }
}
