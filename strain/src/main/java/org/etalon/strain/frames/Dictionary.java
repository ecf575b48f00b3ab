package org.etalon.strain.frames;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The classes of structures in one file, learned from its FrSH and FrSE structures while the file
 * is walked: each stands before the first structure of its class.
 */
final class Dictionary {
  static final int FR_SH = 1;
  static final int FR_SE = 2;

  private final FrameBytes bytes;
  private final Layout layout;
  private final Map<Integer, StructureType> types = new HashMap<>();
  private @Nullable StructureType open;

  Dictionary(FrameBytes bytes, Layout layout) {
    this.bytes = bytes;
    this.layout = layout;
  }

  /** Learns from a structure if it is FrSH or FrSE; gives the name of its class otherwise. */
  String nameOf(StructureHeader header) throws IOException {
    return switch (header.id().classId()) {
      case FR_SH -> {
        openType(header);
        yield "FrSH";
      }
      case FR_SE -> {
        addField(header);
        yield "FrSE";
      }
      default -> type(header).name();
    };
  }

  /** The fields of a structure of a class that the dictionary has. */
  Structure structure(StructureHeader header) throws IOException {
    return new Structure(bytes, layout, header, type(header));
  }

  private StructureType type(StructureHeader header) throws IOException {
    StructureType type = types.get(header.id().classId());
    if (type == null) {
      throw bytes.refusal(
          header.offset(),
          "structure header",
          "class %d, which the file's dictionary does not have".formatted(header.id().classId()));
    }
    return type;
  }

  private void openType(StructureHeader header) throws IOException {
    Cursor cursor = new Cursor(header, "FrSH");
    StructureType type = new StructureType(cursor.text());
    int classId = cursor.uint16();
    open = type;
    if (classId <= FR_SE) {
      throw bytes.refusal(
          header.offset(), "FrSH", "class %d (expected: above 2)".formatted(classId));
    }
    types.put(classId, type);
  }

  private void addField(StructureHeader header) throws IOException {
    if (open == null) {
      throw bytes.refusal(header.offset(), "FrSE", "a field before the first class (FrSH)");
    }
    Cursor cursor = new Cursor(header, "FrSE");
    open.add(Field.of(cursor.text(), cursor.text()));
  }

  /** Reads the fields of the two classes that describe all others. */
  private final class Cursor {
    private final StructureHeader header;
    private final String name;
    private long offset;

    Cursor(StructureHeader header, String name) {
      this.header = header;
      this.name = name;
      offset = header.offset() + layout.headerBytes();
    }

    int uint16() throws IOException {
      require(2);
      offset += 2;
      return bytes.uint16(offset - 2);
    }

    String text() throws IOException {
      int length = uint16();
      require(length);
      offset += length;
      return bytes.text(offset - length, length);
    }

    private void require(int length) throws IOException {
      if (length > header.end() - offset) {
        throw bytes.refusal(
            header.offset(), name, "a field of %d bytes runs past its end".formatted(length));
      }
    }
  }
}
