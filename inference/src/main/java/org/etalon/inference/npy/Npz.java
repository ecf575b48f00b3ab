package org.etalon.inference.npy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * An {@code .npz} archive, a ZIP file of arrays, as {@code numpy.savez} and {@code
 * savez_compressed} write them.
 *
 * <p>Thread-safe. Members that are not {@code .npy} files are left out of {@link #names}.
 */
public final class Npz implements AutoCloseable {
  private static final String SUFFIX = ".npy";

  /**
   * DEFLATE cannot expand by more than 1032 times (zlib's technical notes), so a larger claim is
   * false.
   */
  private static final long MAX_EXPANSION = 1032;

  private static final int CHUNK_BYTES = 1 << 16;

  private final Path path;
  private final ZipFile zip;
  private final SortedMap<String, ZipEntry> members;

  private Npz(Path path, ZipFile zip, SortedMap<String, ZipEntry> members) {
    this.path = path;
    this.zip = zip;
    this.members = members;
  }

  /**
   * Opens an archive; close it when done.
   *
   * @throws IOException if it cannot be read or is not a ZIP file
   */
  public static Npz open(Path path) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile());
    } catch (IOException e) {
      throw new IOException(path + ": not a readable .npz archive: " + e.getMessage(), e);
    }
    var members = new TreeMap<String, ZipEntry>();
    zip.stream()
        .filter(entry -> entry.getName().endsWith(SUFFIX))
        .forEach(entry -> members.put(arrayName(entry), entry));
    return new Npz(path, zip, members);
  }

  /** The arrays' names, sorted, without the suffix {@code .npy}. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(members.keySet()));
  }

  /**
   * Reads one array into memory outside the heap, which the garbage collector frees.
   *
   * @throws IOException if there is none of that name, its checksum is wrong, or, with the offset
   *     within the member, it is not an array of numbers or booleans
   */
  public NpyArray read(String name) throws IOException {
    ZipEntry entry = members.get(name);
    if (entry == null) {
      throw new IOException("%s: no array '%s' (has: %s)".formatted(path, name, members.keySet()));
    }
    String source = path + "[" + name + "]";
    Arena arena = Arena.ofAuto();
    MemorySegment member = arena.allocate(believableSize(source, entry), 64);
    try (InputStream in = zip.getInputStream(entry)) {
      inflate(source, in, member);
    }
    return NpyDecoder.decode(source, member, arena);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  private static String arrayName(ZipEntry entry) {
    return entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
  }

  private static long believableSize(String source, ZipEntry entry) throws IOException {
    long size = entry.getSize();
    long stored = entry.getCompressedSize();
    if (size < 0 || stored < 0 || size / MAX_EXPANSION > stored) {
      throw NpyDecoder.fault(
          source, 0, "%d bytes, stored in %d, which is impossible".formatted(size, stored));
    }
    return size;
  }

  private static void inflate(String source, InputStream in, MemorySegment target)
      throws IOException {
    byte[] chunk = new byte[CHUNK_BYTES];
    MemorySegment from = MemorySegment.ofArray(chunk);
    long at = 0;
    try {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        if (count > target.byteSize() - at) {
          throw NpyDecoder.fault(
              source, at, "more than the " + target.byteSize() + " bytes it says it has");
        }
        MemorySegment.copy(from, 0, target, at, count);
        at += count;
      }
    } catch (EOFException | ZipException e) {
      throw new IOException("%s at byte %d: %s".formatted(source, at, e.getMessage()), e);
    }
    if (at < target.byteSize()) {
      throw NpyDecoder.fault(source, at, "ends early (expected: " + target.byteSize() + " bytes)");
    }
  }
}
