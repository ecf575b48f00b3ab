package org.etalon.strain.frames;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One element of a structure, as the file's dictionary (FrSE) describes it.
 *
 * @param name as in {@code nData}
 * @param type empty if the dictionary gives a type the specification does not have
 * @param dimensions the sizes of an array: numbers, or names of fields before this one
 */
record Field(String name, Optional<Type> type, List<String> dimensions) {
  private static final Pattern CLASS =
      Pattern.compile("(\\w+)(?:\\s*\\([^)]*\\))?((?:\\s*\\[\\s*\\w+\\s*\\])*)\\s*");
  private static final Pattern DIMENSION = Pattern.compile("\\[\\s*(\\w+)\\s*\\]");

  /** The primitive types of the specification, section 4.2; sizes in bytes. */
  enum Type {
    CHAR(1),
    CHAR_U(1),
    INT_2S(2),
    INT_2U(2),
    INT_4S(4),
    INT_4U(4),
    INT_8S(8),
    INT_8U(8),
    REAL_4(4),
    REAL_8(8),
    COMPLEX_8(8),
    COMPLEX_16(16),
    /** A length and as many characters: its size is found by reading. */
    STRING(0),
    /** A class and an instance: its size depends on the format version. */
    PTR_STRUCT(0);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    int bytes() {
      return bytes;
    }
  }

  /** Parses the dictionary's class, as in {@code REAL_8[nDim]} or {@code PTR_STRUCT(FrVect *)}. */
  static Field of(String name, String dictionaryClass) {
    Matcher matcher = CLASS.matcher(dictionaryClass);
    if (!matcher.matches()) {
      return new Field(name, Optional.empty(), List.of());
    }
    List<String> dimensions = new ArrayList<>();
    Matcher each = DIMENSION.matcher(matcher.group(2));
    while (each.find()) {
      dimensions.add(each.group(1));
    }
    return new Field(name, type(matcher.group(1)), List.copyOf(dimensions));
  }

  private static Optional<Type> type(String name) {
    for (Type type : Type.values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
