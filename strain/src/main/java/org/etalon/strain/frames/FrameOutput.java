package org.etalon.strain.frames;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The chain of structures of a file being written: headers, checksums, and the dictionary of each
 * class before its first structure. Little-endian, version 8.
 *
 * <p>Written beside its final place and moved there when whole.
 */
final class FrameOutput implements AutoCloseable {
  private static final int VERSION = 8;
  private static final int MINOR = 1;
  private static final int LIBRARY = 0;
  private static final int HEADER_BYTES = 14;
  private static final int CRC = 1;

  private final Path path;
  private final Path part;
  private final OutputStream out;
  private final Checksum fileChecksum = new Checksum();
  private final List<FrameClass> described = new ArrayList<>();
  private final int headerChecksum;
  private int fields;
  private long position;

  private FrameOutput(Path path, Path part, OutputStream out) throws IOException {
    this.path = path;
    this.part = part;
    this.out = out;
    byte[] header = header();
    headerChecksum = Checksum.of(MemorySegment.ofArray(header));
    emit(header);
  }

  @SuppressWarnings("MustBeClosedChecker") // the output that is returned closes it
  static FrameOutput create(Path path) throws IOException {
    Path part = path.resolveSibling(path.getFileName() + ".part");
    return new FrameOutput(
        path, part, new BufferedOutputStream(Files.newOutputStream(part), 1 << 16));
  }

  Path path() {
    return path;
  }

  long position() {
    return position;
  }

  /** The classes whose dictionary has been written, in that order. */
  List<FrameClass> described() {
    return described;
  }

  /** Writes a structure that ends with its checksum; where it begins. */
  long write(FrameClass type, int instance, StructureBytes fields) throws IOException {
    describe(type);
    long at = position;
    checked(type.id(), instance, fields);
    return at;
  }

  /** Writes the end of the file and moves it to its place. */
  void finish(int frames, long tocPosition) throws IOException {
    FrameClass type = FrameClass.END_OF_FILE;
    describe(type);
    int length = HEADER_BYTES + 4 + 8 + 8 + 4 + 4 + 4;
    long end = position + length;
    StructureBytes body = head(length, type.id(), 0);
    body.int32(frames).int64(end).int64(end - tocPosition).int32(headerChecksum);
    body.int32(Checksum.of(MemorySegment.ofArray(body.toArray())));
    byte[] bytes = body.toArray();
    emit(bytes);
    emit(new StructureBytes().int32(fileChecksum.value()).toArray());
    out.close();
    Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Drops what has not been finished. */
  @Override
  public void close() throws IOException {
    try {
      out.close();
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Writes a class's name and fields before its first structure. */
  void describe(FrameClass type) throws IOException {
    if (described.contains(type)) {
      return;
    }
    checked(
        Dictionary.FR_SH,
        described.size(),
        new StructureBytes().text(type.title()).int16(type.id()).text("-"));
    described.add(type);
    for (FrameClass.Entry field : type.fields()) {
      StructureBytes entry = new StructureBytes().text(field.name()).text(field.type()).text("-");
      checked(Dictionary.FR_SE, fields++, entry);
    }
  }

  private void checked(int classId, int instance, StructureBytes fields) throws IOException {
    long length = (long) HEADER_BYTES + fields.size() + StructureHeader.CHECKSUM_BYTES;
    byte[] head = head(length, classId, instance).toArray();
    byte[] body = fields.toArray();
    var checksum = new Checksum();
    checksum.update(MemorySegment.ofArray(head));
    checksum.update(MemorySegment.ofArray(body));
    emit(head);
    emit(body);
    emit(new StructureBytes().int32(checksum.value()).toArray());
  }

  private static StructureBytes head(long length, int classId, int instance) {
    return new StructureBytes().int64(length).int8(CRC).int8(classId).int32(instance);
  }

  private void emit(byte[] bytes) throws IOException {
    fileChecksum.update(MemorySegment.ofArray(bytes));
    out.write(bytes);
    position += bytes.length;
  }

  /** Table "Frame file header": name, versions, sizes of numbers, and numbers to test order by. */
  private static byte[] header() {
    ByteBuffer header = ByteBuffer.allocate(FileHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(new byte[] {'I', 'G', 'W', 'D', 0, VERSION, MINOR, 2, 4, 8, 4, 8});
    header.putShort((short) 0x1234).putInt(0x1234_5678).putLong(0x0123_4567_89AB_CDEFL);
    header.putFloat((float) Math.PI).putDouble(Math.PI);
    return header.put((byte) LIBRARY).put((byte) CRC).array();
  }
}
