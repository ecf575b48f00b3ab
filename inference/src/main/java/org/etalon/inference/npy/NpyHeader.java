package org.etalon.inference.npy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What stands before an array's items.
 *
 * @param type the item type
 * @param isBigEndian whether the file's words have their most significant byte first
 * @param isFortranOrder whether the first dimension varies fastest in the file
 * @param shape sizes of the dimensions
 * @param dataOffset where the items start, in bytes from the start of the file
 */
@SuppressWarnings("ArrayRecordComponent") // stays in the package and is never changed or compared
record NpyHeader(
    NpyType type, boolean isBigEndian, boolean isFortranOrder, long[] shape, long dataOffset) {

  /** {@code "\x93NUMPY"}. */
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final int ALIGNMENT = 64;
  private static final int PREFIX_BYTES = MAGIC.length + 2 + 2;

  /**
   * A version 1.0 header, padded so that the items start at a multiple of 64 bytes.
   *
   * @return the bytes from the magic string to the newline that ends the header
   */
  static byte[] encode(NpyType type, long[] shape) {
    var text = new StringBuilder("{'descr': '").append(type.dtype());
    text.append("', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < shape.length; i++) {
      text.append(i == 0 ? "" : " ").append(shape[i]);
      text.append(i + 1 < shape.length || shape.length == 1 ? "," : "");
    }
    text.append("), }");
    int unpadded = PREFIX_BYTES + text.length() + 1;
    int total = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    text.repeat(' ', total - unpadded).append('\n');

    byte[] header = Arrays.copyOf(MAGIC, total);
    header[6] = 1;
    header[8] = (byte) text.length();
    header[9] = (byte) (text.length() >> 8);
    byte[] ascii = text.toString().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, header, PREFIX_BYTES, ascii.length);
    return header;
  }
}
