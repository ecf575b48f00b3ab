package org.etalon.strain.frames;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One structure with the places of its fields, found with the file's dictionary. Sizes of arrays
 * are checked against the structure's length before anything is read.
 */
final class Structure {
  private final FrameBytes bytes;
  private final Layout layout;
  private final StructureHeader header;
  private final StructureType type;
  private final long[] offsets;
  private final long[] counts;

  Structure(FrameBytes bytes, Layout layout, StructureHeader header, StructureType type)
      throws IOException {
    this.bytes = bytes;
    this.layout = layout;
    this.header = header;
    this.type = type;
    List<Field> fields = type.fields();
    offsets = new long[fields.size()];
    counts = new long[fields.size()];
    long offset = header.offset() + layout.headerBytes();
    for (int i = 0; i < fields.size(); i++) {
      offsets[i] = offset;
      counts[i] = count(i);
      offset = end(i);
    }
    if (offset != header.end()) {
      throw refusal(
          "its fields end at byte %d (expected: %d, by its length %d)"
              .formatted(offset, header.end(), header.length()));
    }
  }

  StructureHeader header() {
    return header;
  }

  boolean has(String field) {
    return find(field) >= 0;
  }

  /** An integer field; INT_8U values from 2^63 on are refused. */
  long integer(String field) throws IOException {
    return integer(index(field), 0);
  }

  /** The element {@code at} of an array of integers. */
  long integer(String field, int at) throws IOException {
    return integer(index(field), at);
  }

  /** The first value of a field of REAL_4 or REAL_8. */
  double real(String field) throws IOException {
    int i = index(field);
    requireValue(i, 0);
    return switch (typeOf(i)) {
      case REAL_4 -> bytes.float32(offsets[i]);
      case REAL_8 -> bytes.float64(offsets[i]);
      default -> throw refusal("field %s is no real number".formatted(field));
    };
  }

  String text(String field) throws IOException {
    int i = index(field);
    if (typeOf(i) != Field.Type.STRING) {
      throw refusal("field %s is no string".formatted(field));
    }
    requireValue(i, 0);
    return bytes.text(offsets[i] + 2, bytes.uint16(offsets[i]));
  }

  Reference reference(String field) throws IOException {
    int i = index(field);
    if (typeOf(i) != Field.Type.PTR_STRUCT) {
      throw refusal("field %s is no reference".formatted(field));
    }
    return layout.pointer(bytes, offsets[i]);
  }

  /** Where a field's bytes begin in the file. */
  long offset(String field) throws IOException {
    return offsets[index(field)];
  }

  /** How many elements a field has: 1 unless it is an array. */
  long count(String field) throws IOException {
    return counts[index(field)];
  }

  IOException refusal(String problem) {
    return bytes.refusal(header.offset(), type.name(), problem);
  }

  private long integer(int i, int at) throws IOException {
    requireValue(i, at);
    long offset = offsets[i] + (long) at * typeOf(i).bytes();
    long value =
        switch (typeOf(i)) {
          case INT_2S -> bytes.int16(offset);
          case INT_2U -> bytes.uint16(offset);
          case INT_4S -> bytes.int32(offset);
          case INT_4U -> bytes.uint32(offset);
          case INT_8S, INT_8U -> bytes.int64(offset);
          default -> throw refusal("field %s is no integer".formatted(name(i)));
        };
    if (typeOf(i) == Field.Type.INT_8U && value < 0) {
      throw refusal(
          "%s: %s (expected: below 2^63)".formatted(name(i), Long.toUnsignedString(value)));
    }
    return value;
  }

  /** The product of a field's dimensions, none of which can exceed the structure's length. */
  private long count(int i) throws IOException {
    long count = 1;
    for (String dimension : type.fields().get(i).dimensions()) {
      long size = size(i, dimension);
      if (size < 0 || size > header.length()) {
        throw refusal(
            "%s has %d elements (expected: at most %d, its length)"
                .formatted(name(i), size, header.length()));
      }
      count = Math.min(count * size, Integer.MAX_VALUE + header.length());
    }
    return count;
  }

  private long size(int i, String dimension) throws IOException {
    if (Character.isDigit(dimension.charAt(0))) {
      return dimension.length() <= 9 ? Long.parseLong(dimension) : Long.MAX_VALUE;
    }
    for (int before = 0; before < i; before++) {
      if (name(before).equals(dimension)) {
        return integer(before, 0);
      }
    }
    throw refusal("%s has a size, %s, that no field before it gives".formatted(name(i), dimension));
  }

  private long end(int i) throws IOException {
    Field.Type fieldType = typeOf(i);
    if (fieldType == Field.Type.STRING) {
      return endOfStrings(i);
    }
    int size = fieldType == Field.Type.PTR_STRUCT ? layout.pointerBytes() : fieldType.bytes();
    long left = header.end() - offsets[i];
    if (counts[i] > left / size) {
      throw refusal(
          "%s needs %d x %d bytes (expected: at most %d, what is left of it)"
              .formatted(name(i), counts[i], size, left));
    }
    return offsets[i] + counts[i] * size;
  }

  private long endOfStrings(int i) throws IOException {
    long offset = offsets[i];
    for (long at = 0; at < counts[i]; at++) {
      long left = header.end() - offset;
      if (left < 2 || left < 2 + bytes.uint16(offset)) {
        throw refusal("string %s runs past the end of the structure".formatted(name(i)));
      }
      offset += 2 + bytes.uint16(offset);
    }
    return offset;
  }

  private void requireValue(int i, int at) throws IOException {
    if (at >= counts[i]) {
      throw refusal("%s has %d values (expected: more than %d)".formatted(name(i), counts[i], at));
    }
  }

  private int index(String field) throws IOException {
    int i = find(field);
    if (i < 0) {
      throw refusal("the file's dictionary gives it no field %s".formatted(field));
    }
    return i;
  }

  private int find(String field) {
    List<Field> fields = type.fields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).name().equals(field)) {
        return i;
      }
    }
    return -1;
  }

  private String name(int i) {
    return type.fields().get(i).name();
  }

  private Field.Type typeOf(int i) throws IOException {
    Optional<Field.Type> fieldType = type.fields().get(i).type();
    if (fieldType.isEmpty()) {
      throw refusal("the file's dictionary gives field %s no known type".formatted(name(i)));
    }
    return fieldType.get();
  }
}
