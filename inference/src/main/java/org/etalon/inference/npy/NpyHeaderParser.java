package org.etalon.inference.npy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a header: magic string, version, length, then a Python dictionary with the keys {@code
 * descr}, {@code fortran_order} and {@code shape}. Used once, by one thread.
 *
 * <p>Only the literals that such a dictionary can hold for a type we read are understood; nothing
 * is evaluated.
 */
final class NpyHeaderParser {
  /**
   * Real headers have about a hundred bytes; the bound keeps a false length from being believed.
   */
  private static final long MAX_TEXT_BYTES = 1 << 20;

  private final String source;
  private final MemorySegment file;

  private String text = "";
  private long textOffset;
  private int position;

  private @Nullable String descr;
  private @Nullable Boolean isFortranOrder;
  private long @Nullable [] shape;

  /** Borrows {@code file}, a whole file or archive member called {@code source} in errors. */
  NpyHeaderParser(String source, MemorySegment file) {
    this.source = source;
    this.file = file;
  }

  NpyHeader parse() throws IOException {
    long textBytes = prefix();
    long dataOffset = textOffset + textBytes;
    byte[] bytes = file.asSlice(textOffset, textBytes).toArray(ValueLayout.JAVA_BYTE);
    text = new String(bytes, StandardCharsets.ISO_8859_1);
    dictionary();
    if (descr == null || isFortranOrder == null || shape == null) {
      throw fault(
          textOffset, "the header lacks one of the keys 'descr', 'fortran_order' and 'shape'");
    }
    NpyType type = type(descr);
    return new NpyHeader(type, descr.startsWith(">"), isFortranOrder, shape, dataOffset);
  }

  /** Sets {@link #textOffset} and returns the text's length. */
  private long prefix() throws IOException {
    byte[] magic = NpyHeader.MAGIC;
    require(0, magic.length + 2L);
    for (int i = 0; i < magic.length; i++) {
      if (file.get(ValueLayout.JAVA_BYTE, i) != magic[i]) {
        throw fault(i, "not an .npy file (expected: it starts with \\x93NUMPY)");
      }
    }
    int major = Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, 6));
    int minor = Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, 7));
    if (major < 1 || major > 3 || minor != 0) {
      throw fault(6, "version " + major + "." + minor + " (expected: 1.0, 2.0 or 3.0)");
    }
    int lengthBytes = major == 1 ? 2 : 4;
    textOffset = 8L + lengthBytes;
    require(8, lengthBytes);
    long textBytes =
        major == 1
            ? Short.toUnsignedInt(file.get(LittleEndian.SHORT, 8))
            : Integer.toUnsignedLong(file.get(LittleEndian.INT, 8));
    if (textBytes > MAX_TEXT_BYTES) {
      throw fault(8, "a header of " + textBytes + " bytes (expected: at most 1 MiB)");
    }
    require(textOffset, textBytes);
    return textBytes;
  }

  private void dictionary() throws IOException {
    expect('{');
    while (!accept('}')) {
      String key = string();
      expect(':');
      entry(key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skipSpace();
    if (position != text.length()) {
      throw unexpected("the end of the header");
    }
  }

  private void entry(String key) throws IOException {
    switch (key) {
      case "descr" -> descr = descr();
      case "fortran_order" -> isFortranOrder = bool();
      case "shape" -> shape = tuple();
      default -> throw here("unknown key '" + key + "'");
    }
  }

  private String descr() throws IOException {
    skipSpace();
    if (position < text.length() && text.charAt(position) == '[') {
      throw here("an array of records (expected: numbers or booleans; save each field by itself)");
    }
    return string();
  }

  private String string() throws IOException {
    skipSpace();
    char quote = position < text.length() ? text.charAt(position) : 0;
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, position + 1) : -1;
    if (end < 0) {
      throw unexpected("a quoted string");
    }
    String value = text.substring(position + 1, end);
    position = end + 1;
    return value;
  }

  private boolean bool() throws IOException {
    skipSpace();
    for (boolean value : new boolean[] {false, true}) {
      String word = value ? "True" : "False";
      if (text.startsWith(word, position)) {
        position += word.length();
        return value;
      }
    }
    throw unexpected("True or False");
  }

  private long[] tuple() throws IOException {
    expect('(');
    long[] sizes = new long[NpyShape.MAX_DIMENSIONS];
    int count = 0;
    while (!accept(')')) {
      if (count == sizes.length) {
        throw here("more than " + NpyShape.MAX_DIMENSIONS + " dimensions");
      }
      sizes[count++] = integer();
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return Arrays.copyOf(sizes, count);
  }

  private long integer() throws IOException {
    skipSpace();
    int start = position;
    while (position < text.length()
        && text.charAt(position) >= '0'
        && text.charAt(position) <= '9') {
      position++;
    }
    if (position == start) {
      throw unexpected("a size that is not negative");
    }
    if (position - start > 18) {
      throw here("a size of " + (position - start) + " digits (expected: less than 10^18)");
    }
    long value = Long.parseLong(text, start, position, 10);
    // Python 2 wrote long integers with a suffix.
    if (position < text.length() && text.charAt(position) == 'L') {
      position++;
    }
    return value;
  }

  private NpyType type(String name) throws IOException {
    char order = name.isEmpty() ? 0 : name.charAt(0);
    if (order == '<' || order == '>' || order == '|') {
      var type =
          NpyType.named('<' + name.substring(1)).or(() -> NpyType.named('|' + name.substring(1)));
      if (type.isPresent() && (order != '|' || type.get().itemBytes() == 1)) {
        return type.get();
      }
    }
    if (name.endsWith("O")) {
      throw fault(
          textOffset,
          "an array of Python objects, which only unpickling could read (expected: numbers or booleans)");
    }
    throw fault(
        textOffset,
        "items of type '%s' (expected: b1, i1 to i8, u1 to u8, f2, f4, f8, c8 or c16)"
            .formatted(name));
  }

  private void skipSpace() {
    while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
      position++;
    }
  }

  private boolean accept(char expected) {
    skipSpace();
    boolean isThere = position < text.length() && text.charAt(position) == expected;
    position += isThere ? 1 : 0;
    return isThere;
  }

  private void expect(char expected) throws IOException {
    if (!accept(expected)) {
      throw unexpected("'" + expected + "'");
    }
  }

  private void require(long offset, long bytes) throws IOException {
    if (bytes > file.byteSize() - offset) {
      throw fault(
          offset,
          "the file ends after %d bytes, within the header (expected: %d more)"
              .formatted(file.byteSize(), bytes - (file.byteSize() - offset)));
    }
  }

  private IOException unexpected(String expected) {
    String found = position < text.length() ? "'" + text.charAt(position) + "'" : "its end";
    return here("found " + found + " in the header (expected: " + expected + ")");
  }

  private IOException here(String message) {
    return fault(textOffset + position, message);
  }

  private IOException fault(long offset, String message) {
    return NpyDecoder.fault(source, offset, message);
  }
}
