package org.etalon.protocol.json;

import java.lang.foreign.MemorySegment;
import org.etalon.inference.ServingException;
import org.etalon.protocol.wire.SharedMemory;

/** Hands the bytes behind a JSON document out to the inputs, in their order. */
final class BinaryInputs {
  private final MemorySegment bytes;
  private final boolean isAnnounced;
  private final SharedMemory shared;
  private long position;

  /**
   * @param isAnnounced true if the length of the JSON document was given, so that there may be
   *     bytes behind it
   * @param shared where inputs may lie that have no bytes here
   */
  BinaryInputs(MemorySegment bytes, boolean isAnnounced, SharedMemory shared) {
    this.shared = shared;
    this.bytes = bytes;
    this.isAnnounced = isAnnounced;
  }

  SharedMemory shared() {
    return shared;
  }

  /** The next bytes, not copied. */
  MemorySegment take(String input, long size) {
    if (!isAnnounced) {
      throw ServingException.invalid(
          "input '%s': binary_data_size without the header Inference-Header-Content-Length (expected: the length of the JSON in it)"
              .formatted(input));
    }
    long left = bytes.byteSize() - position;
    if (size < 0 || size > left) {
      throw ServingException.invalid(
          "input '%s': binary_data_size %d, but %d bytes are left in the body"
              .formatted(input, size, left));
    }
    MemorySegment slice = bytes.asSlice(position, size);
    position += size;
    return slice;
  }

  void requireAllTaken() {
    if (position != bytes.byteSize()) {
      throw ServingException.invalid(
          "request body: %d bytes behind the JSON (expected: %d, the sum of binary_data_size)"
              .formatted(bytes.byteSize(), position));
    }
  }
}
