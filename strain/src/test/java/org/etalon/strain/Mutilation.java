package org.etalon.strain;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damages a file's bytes at random, for parsers to refuse: changed, cut, doubled, zeroed. */
public final class Mutilation {
  private Mutilation() {}

  public static byte[] of(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    return switch (random.nextInt(5)) {
      case 0 -> changed(bytes, 1 + random.nextInt(4), random);
      case 1 -> changed(bytes, 1 + random.nextInt(200), random);
      case 2 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 3 -> doubled(bytes, random);
      default -> extreme(bytes, random);
    };
  }

  private static byte[] changed(byte[] bytes, int count, SplittableRandom random) {
    for (int i = 0; i < count; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  private static byte[] doubled(byte[] bytes, SplittableRandom random) {
    int from = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(5000, bytes.length - from));
    byte[] result = new byte[bytes.length + length];
    System.arraycopy(bytes, 0, result, 0, from + length);
    System.arraycopy(bytes, from, result, from + length, bytes.length - from);
    return result;
  }

  /** Writes a number that is all ones, zero, or the largest of its sign. */
  private static byte[] extreme(byte[] bytes, SplittableRandom random) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      int length = 1 << random.nextInt(4);
      int from = random.nextInt(bytes.length - 8);
      Arrays.fill(bytes, from, from + length, (byte) (random.nextBoolean() ? 0xFF : 0));
      if (random.nextBoolean()) {
        bytes[from + length - 1] = 0x7F;
      }
    }
    return bytes;
  }
}
