package org.etalon.protocol.wire;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A message ready to be written: small parts already encoded, large ones still in the tensors'
 * memory, which it borrows until it has been written. Owned by one thread.
 */
public final class EncodedMessage {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final byte[] frame;
  private final int[] cuts;
  private final List<MemorySegment> inserts;
  private final int size;

  /**
   * @param frame the encoded parts, one behind the other
   * @param cuts where in the frame each insert goes, ascending
   * @param size of frame and inserts together
   */
  EncodedMessage(byte[] frame, int[] cuts, List<MemorySegment> inserts, int size) {
    this.frame = frame;
    this.cuts = cuts;
    this.inserts = inserts;
    this.size = size;
  }

  /** Bytes of the whole message. */
  public int size() {
    return size;
  }

  /** Writes the whole message. */
  public void writeTo(OutputStream target) throws IOException {
    int from = 0;
    for (int i = 0; i < cuts.length; i++) {
      target.write(frame, from, cuts[i] - from);
      write(inserts.get(i), target);
      from = cuts[i];
    }
    target.write(frame, from, frame.length - from);
  }

  /**
   * Writes the whole message.
   *
   * @param target with room for {@link #size} bytes
   */
  public void writeTo(ByteBuffer target) {
    int from = 0;
    for (int i = 0; i < cuts.length; i++) {
      target.put(frame, from, cuts[i] - from);
      put(inserts.get(i), target);
      from = cuts[i];
    }
    target.put(frame, from, frame.length - from);
  }

  /** Copies a tensor's memory, which may be an array of any element type. */
  private static void put(MemorySegment data, ByteBuffer target) {
    int length = Math.toIntExact(data.byteSize());
    MemorySegment.copy(data, 0, MemorySegment.ofBuffer(target), 0, length);
    target.position(target.position() + length);
  }

  private static void write(MemorySegment data, OutputStream target) throws IOException {
    if (data.heapBase().orElse(null) instanceof byte[] array) {
      target.write(array, Math.toIntExact(data.address()), Math.toIntExact(data.byteSize()));
      return;
    }
    // An OutputStream takes arrays only; a chunk that stays in the cache makes the step cheap.
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, data.byteSize())];
    for (long at = 0; at < data.byteSize(); at += chunk.length) {
      int length = (int) Math.min(chunk.length, data.byteSize() - at);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, length);
      target.write(chunk, 0, length);
    }
  }
}
