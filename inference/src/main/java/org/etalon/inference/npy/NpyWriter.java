package org.etalon.inference.npy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes an array whose shape is known and whose rows arrive in any order.
 *
 * <p>Rows go to a hidden file beside the target, which takes the target's name in {@link #finish};
 * closing without that deletes it. Threads may write different rows at the same time; {@code
 * finish} and {@code close} come after them.
 *
 * <pre>{@code
 * try (NpyWriter writer = NpyWriter.create(path, "<f4", 1000, 8)) {
 *   writer.write(500, lastRows);
 *   writer.write(0, firstRows);
 *   writer.finish();
 * }
 * }</pre>
 */
public final class NpyWriter implements AutoCloseable {
  private static final long MAX_WRITE_BYTES = 1 << 30;
  private static final long HEAP_PIECE_BYTES = 1 << 16;

  private final Path target;
  private final Path partial;
  private final FileChannel channel;
  private final long headerBytes;
  private final long rows;
  private final long rowBytes;

  /** Written spans of rows, start to end, merged; guarded by itself. */
  private final TreeMap<Long, Long> written = new TreeMap<>();

  private final boolean keepsPartial;
  private boolean isFinished;

  private NpyWriter(Path target, Path partial, FileChannel channel, Layout layout, boolean keeps) {
    this.target = target;
    this.partial = partial;
    this.channel = channel;
    this.headerBytes = layout.header.length;
    this.rows = layout.rows;
    this.rowBytes = layout.rowBytes;
    this.keepsPartial = keeps;
  }

  /**
   * Begins a file.
   *
   * @param dtype a little-endian type, as in {@link NpyArray#dtype}
   * @param shape the final shape; a row is an entry of its first dimension (the one item, if it is
   *     empty)
   * @throws IOException if the file cannot be made
   * @throws IllegalArgumentException if the type is unknown or a size negative
   */
  public static NpyWriter create(Path path, String dtype, long... shape) throws IOException {
    Layout layout = Layout.of(dtype, shape);
    Path absolute = path.toAbsolutePath();
    Path partial =
        absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".part");
    FileChannel channel = open(path, partial, StandardOpenOption.CREATE_NEW);
    return begun(new NpyWriter(absolute, partial, channel, layout, false), layout);
  }

  /**
   * Begins a file, or goes on with one that was not finished: closing without {@link #finish} keeps
   * {@code partial}.
   *
   * @param partial where rows go until the file is finished, on the same disk as {@code path}
   * @param completeRows how many of the first rows {@code partial} holds already; 0 begins anew
   * @throws IOException if the file cannot be made or opened, or does not hold those rows
   * @throws IllegalArgumentException if the type is unknown or a size negative
   */
  public static NpyWriter resume(
      Path path, Path partial, long completeRows, String dtype, long... shape) throws IOException {
    Layout layout = Layout.of(dtype, shape);
    FileChannel channel = open(path, partial, StandardOpenOption.CREATE);
    var writer = new NpyWriter(path.toAbsolutePath(), partial, channel, layout, true);
    long expected = layout.header.length + completeRows * layout.rowBytes;
    if (completeRows > 0 && channel.size() < expected) {
      channel.close();
      throw new IOException(
          "%s: %d bytes (expected: at least %d for the %d rows said to be complete); delete it to begin anew"
              .formatted(partial, Files.size(partial), expected, completeRows));
    }
    writer.markWritten(0, completeRows);
    return begun(writer, layout);
  }

  /** Opens {@code partial}; what is wrong is said of {@code path}, the name that the user gave. */
  private static FileChannel open(Path path, Path partial, StandardOpenOption how)
      throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("%s: there is no folder %s to write it in".formatted(path, folder));
    }
    if (Files.isDirectory(path)) {
      throw new IOException("%s: is a folder (expected: the name of a file)".formatted(path));
    }
    try {
      return FileChannel.open(partial, how, StandardOpenOption.WRITE);
    } catch (FileSystemException e) {
      throw new IOException("%s: the folder %s cannot be written".formatted(path, folder), e);
    }
  }

  private static NpyWriter begun(NpyWriter writer, Layout layout) throws IOException {
    try {
      writer.writeFully(MemorySegment.ofArray(layout.header), 0);
    } catch (IOException | RuntimeException e) {
      closeAfter(e, writer);
      throw e;
    }
    return writer;
  }

  /**
   * Writes whole rows; those written before are replaced.
   *
   * @param firstRow index of the first of them
   * @param data their items, row-major and little-endian; borrowed until return
   * @throws IOException if the disk refuses
   * @throws IllegalArgumentException if {@code data} is not whole rows, or they reach past the last
   */
  public void write(long firstRow, MemorySegment data) throws IOException {
    long count = rowBytes == 0 ? 0 : data.byteSize() / rowBytes;
    if (count * rowBytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "data: " + data.byteSize() + " bytes (expected: a multiple of a row's " + rowBytes + ")");
    }
    if (firstRow < 0 || count > rows - firstRow) {
      throw new IllegalArgumentException(
          "rows %d to %d (expected: within 0 to %d)".formatted(firstRow, firstRow + count, rows));
    }
    writeFully(data, headerBytes + firstRow * rowBytes);
    markWritten(firstRow, firstRow + count);
  }

  /**
   * Makes the file appear under its name, on disk.
   *
   * @throws IOException if the disk refuses
   * @throws IllegalStateException if a row was never written
   */
  public void finish() throws IOException {
    long complete = rowBytes == 0 ? rows : completeRows();
    if (complete < rows) {
      throw new IllegalStateException(
          "%s: row %d of %d was not written".formatted(target, complete, rows));
    }
    channel.force(true);
    channel.close();
    Files.move(
        partial, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    isFinished = true;
  }

  /** Puts on disk what was written so far, for a later {@link #resume}. */
  public void force() throws IOException {
    channel.force(false);
  }

  /**
   * Deletes what was written unless {@link #finish} succeeded or it is to be {@linkplain #resume
   * resumed}; may be called twice.
   */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (!isFinished && !keepsPartial) {
        Files.deleteIfExists(partial);
      }
    }
  }

  private void markWritten(long start, long end) {
    if (start == end) {
      return;
    }
    synchronized (written) {
      Map.Entry<Long, Long> before = written.floorEntry(start);
      long first = before != null && before.getValue() >= start ? before.getKey() : start;
      long last = before != null ? Math.max(end, first < start ? before.getValue() : end) : end;
      Map.Entry<Long, Long> touched = written.floorEntry(last);
      while (touched != null && touched.getKey() >= first) {
        last = Math.max(last, touched.getValue());
        written.remove(touched.getKey());
        touched = written.floorEntry(last);
      }
      written.put(first, last);
    }
  }

  private long completeRows() {
    synchronized (written) {
      return written.getOrDefault(0L, 0L);
    }
  }

  private void writeFully(MemorySegment data, long offset) throws IOException {
    if (data.isNative()) {
      for (long at = 0; at < data.byteSize(); at += MAX_WRITE_BYTES) {
        long bytes = Math.min(MAX_WRITE_BYTES, data.byteSize() - at);
        writePiece(data.asSlice(at, bytes).asByteBuffer(), offset + at);
      }
      return;
    }
    // Only arrays of bytes can be seen as a buffer, so the heap's others pass through one.
    ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(HEAP_PIECE_BYTES, data.byteSize()));
    for (long at = 0; at < data.byteSize(); at += HEAP_PIECE_BYTES) {
      piece.clear().limit((int) Math.min(HEAP_PIECE_BYTES, data.byteSize() - at));
      MemorySegment.ofBuffer(piece).copyFrom(data.asSlice(at, piece.limit()));
      writePiece(piece, offset + at);
    }
  }

  private void writePiece(ByteBuffer piece, long offset) throws IOException {
    long at = offset;
    while (piece.hasRemaining()) {
      at += channel.write(piece, at);
    }
  }

  private static void closeAfter(Exception cause, NpyWriter writer) {
    try {
      writer.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** The file's header, and how many rows of how many bytes follow it. */
  @SuppressWarnings("ArrayRecordComponent") // made and used here alone
  private record Layout(byte[] header, long rows, long rowBytes) {
    static Layout of(String dtype, long... shape) {
      NpyType type =
          NpyType.named(dtype)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "dtype: '" + dtype + "' (expected: a little-endian one such as '<f4')"));
      long bytes = NpyShape.byteSize(type, shape);
      long rows = shape.length == 0 ? 1 : shape[0];
      return new Layout(NpyHeader.encode(type, shape), rows, rows == 0 ? 0 : bytes / rows);
    }
  }
}
