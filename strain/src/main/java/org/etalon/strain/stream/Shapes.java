package org.etalon.strain.stream;

/** Checks of what operators are made with. */
final class Shapes {
  private Shapes() {}

  static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s: %d (expected: %s)"
              .formatted(
                  name,
                  value,
                  most == Integer.MAX_VALUE
                      ? least + " or more"
                      : "from %d to %d".formatted(least, most)));
    }
  }
}
