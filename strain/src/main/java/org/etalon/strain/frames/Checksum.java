package org.etalon.strain.frames;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The checksum of POSIX {@code cksum}: CRC-32 of polynomial 0x04C11DB7, most significant bit first,
 * over the bytes and then over their number. Eight bytes a step, with eight tables, as in <a
 * href="https://doi.org/10.1109/TC.2008.85">Kounavis and Berry</a>.
 *
 * <p>Owned by one thread; the tables are shared and never change.
 */
final class Checksum {
  private static final int POLYNOMIAL = 0x04C11DB7;
  private static final int[][] TABLES = tables();
  private static final ValueLayout.OfLong BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private int crc;
  private long length;

  /** The checksum of one range. */
  static int of(MemorySegment bytes) {
    Checksum checksum = new Checksum();
    checksum.update(bytes);
    return checksum.value();
  }

  void update(MemorySegment bytes) {
    int state = crc;
    long size = bytes.byteSize();
    long at = 0;
    for (; at + Long.BYTES <= size; at += Long.BYTES) {
      long word = bytes.get(BIG_ENDIAN, at);
      int high = state ^ (int) (word >>> 32);
      int low = (int) word;
      state =
          TABLES[7][high >>> 24]
              ^ TABLES[6][(high >>> 16) & 0xFF]
              ^ TABLES[5][(high >>> 8) & 0xFF]
              ^ TABLES[4][high & 0xFF]
              ^ TABLES[3][low >>> 24]
              ^ TABLES[2][(low >>> 16) & 0xFF]
              ^ TABLES[1][(low >>> 8) & 0xFF]
              ^ TABLES[0][low & 0xFF];
    }
    for (; at < size; at++) {
      state = next(state, bytes.get(ValueLayout.JAVA_BYTE, at));
    }
    crc = state;
    length += size;
  }

  /** As if {@code count} zero bytes came next: checksum fields count as zero in their own sum. */
  void updateZeros(int count) {
    for (int i = 0; i < count; i++) {
      crc = next(crc, 0);
    }
    length += count;
  }

  int value() {
    int state = crc;
    for (long left = length; left != 0; left >>>= 8) {
      state = next(state, (int) left);
    }
    return ~state;
  }

  private static int next(int state, int value) {
    return (state << 8) ^ TABLES[0][(state >>> 24) ^ (value & 0xFF)];
  }

  private static int[][] tables() {
    int[][] tables = new int[8][256];
    for (int i = 0; i < 256; i++) {
      int state = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        state = state < 0 ? (state << 1) ^ POLYNOMIAL : state << 1;
      }
      tables[0][i] = state;
    }
    for (int table = 1; table < 8; table++) {
      for (int i = 0; i < 256; i++) {
        int before = tables[table - 1][i];
        tables[table][i] = (before << 8) ^ tables[0][before >>> 24];
      }
    }
    return tables;
  }
}
