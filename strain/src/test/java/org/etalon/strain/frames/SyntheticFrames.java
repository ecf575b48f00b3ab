package org.etalon.strain.frames;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;

/**
 * Builds frame files with one FrProcData a frame, of any version and byte order, straight from the
 * specification and apart from the reader.
 */
final class SyntheticFrames {
  /** Class ids as the dictionary below gives them. */
  private static final List<String> CLASSES =
      List.of("FrameH", "FrProcData", "FrVect", "FrEndOfFrame", "FrEndOfFile");

  private static final int FIRST_CLASS = 3;

  private final int version;
  private final ByteOrder order;
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private int frames;
  private int frameStart;

  /** What a frame's vector says and holds; fields may contradict each other on purpose. */
  static final class Vector {
    String channel = "X1:TEST";
    int compress;
    int type = 4;
    long samples;
    byte[] data = {};
    double dx = 0.25;
    double timeOffset;
    int procType = 1;
    int dimensions = 1;
    String unitX = "s";
    int vectorInstance;
    int endRun = 7;
  }

  SyntheticFrames(int version, ByteOrder order) {
    this.version = version;
    this.order = order;
    writeHeader();
    for (String name : CLASSES) {
      structure(1, 0, body().text(name).int16(FIRST_CLASS + CLASSES.indexOf(name)).text(""));
      for (String field : fields(name).split(" ")) {
        String[] pair = field.split(":");
        structure(2, 0, body().text(pair[0]).text(pair[1]).text(""));
      }
    }
  }

  SyntheticFrames frame(long gpsSeconds, Vector vector) {
    frameStart = file.size();
    Body head =
        body().text("TEST").int32(7).int32(frames).int32((int) gpsSeconds).int32(0).float64(1);
    structure(id("FrameH"), 0, head.reference(id("FrProcData"), 0));
    Body proc = body().text(vector.channel);
    if (version == 4) {
      proc.int32((int) vector.timeOffset).int32(0);
    } else {
      proc.int16(vector.procType).float64(vector.timeOffset);
    }
    structure(id("FrProcData"), 0, proc.reference(id("FrVect"), 0));
    structure(id("FrVect"), vector.vectorInstance, vect(vector));
    Body end = body().int32(vector.endRun).int32(frames);
    if (version == 6) {
      end.int32(1).int32(0);
    }
    structure(id("FrEndOfFrame"), 0, end);
    if (version == 6) {
      patch(file.size() - 4, frameStart, file.size());
    }
    frames++;
    return this;
  }

  /** Ends the file. */
  byte[] bytes() {
    int length = version == 4 ? 8 + 12 : version == 6 ? 14 + 20 : 14 + 24;
    int size = file.size() + length;
    Body end = body().int32(frames).size(size);
    if (version == 4) {
      end.int32(0);
    } else if (version == 6) {
      end.int32(1).int32(0);
    } else {
      end.int32(Cksum.of(file.toByteArray(), 0, 40)).int32(0).int32(0);
    }
    int start = file.size();
    structure(id("FrEndOfFile"), 0, end);
    if (version == 6) {
      patch(size - 4, 0, size);
    } else if (version == 8) {
      patch(size - 8, start, size - 8);
      patch(size - 4, 0, size - 4);
    }
    return file.toByteArray();
  }

  /** Numbers of {@code width} bytes in the file's order. */
  static byte[] numbers(ByteOrder order, int width, long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(width * values.length).order(order);
    for (long value : values) {
      switch (width) {
        case 1 -> buffer.put((byte) value);
        case 2 -> buffer.putShort((short) value);
        case 4 -> buffer.putInt((int) value);
        default -> buffer.putLong(value);
      }
    }
    return buffer.array();
  }

  static byte[] deflated(byte[] data) {
    Deflater deflater = new Deflater();
    deflater.setInput(data);
    deflater.finish();
    byte[] out = new byte[data.length + 100];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  /** Zero suppression with blocks of {@code block} values, from the steps between values. */
  static byte[] zeroSuppressed(ByteOrder order, int wordBytes, int block, long... steps) {
    List<Boolean> bits = new ArrayList<>();
    push(bits, block, 16);
    int widthBits = wordBytes == 2 ? 4 : wordBytes == 4 ? 5 : 6;
    for (int from = 0; from < steps.length; from += block) {
      long[] values = Arrays.copyOfRange(steps, from, Math.min(from + block, steps.length));
      long largest = Arrays.stream(values).map(Math::abs).max().orElse(0);
      int width = largest == 0 ? 0 : 65 - Long.numberOfLeadingZeros(largest);
      push(bits, Math.max(0, width - 1), widthBits);
      for (long value : values) {
        push(bits, value + (width == 0 ? 0 : (1L << (width - 1)) - 1), width);
      }
    }
    while (bits.size() % (8 * wordBytes) != 0) {
      bits.add(false);
    }
    byte[] bytes = new byte[bits.size() / 8];
    for (int i = 0; i < bits.size(); i++) {
      int word = i / (8 * wordBytes);
      int at = i / 8 % wordBytes;
      int place = order == ByteOrder.LITTLE_ENDIAN ? at : wordBytes - 1 - at;
      bytes[word * wordBytes + place] |= (byte) ((bits.get(i) ? 1 : 0) << (i % 8));
    }
    return bytes;
  }

  private static void push(List<Boolean> bits, long value, int width) {
    for (int i = 0; i < width; i++) {
      bits.add((value >>> i & 1) == 1);
    }
  }

  private String fields(String name) {
    String checksum = version == 8 ? " chkSum:INT_4U" : "";
    String count = version == 4 ? "INT_4U" : "INT_8U";
    return switch (name) {
          case "FrameH" ->
              "name:STRING run:INT_4S frame:INT_4U GTimeS:INT_4U GTimeN:INT_4U dt:REAL_8"
                  + " procData:PTR_STRUCT(FrProcData*)";
          case "FrProcData" ->
              (version == 4
                      ? "name:STRING timeOffsetS:INT_4U timeOffsetN:INT_4U"
                      : "name:STRING type:INT_2U timeOffset:REAL_8")
                  + " data:PTR_STRUCT(FrVect*)";
          case "FrVect" ->
              "name:STRING compress:INT_2U type:INT_2U nData:%1$s nBytes:%1$s data:CHAR[nBytes] nDim:INT_4U nx:%1$s[nDim] dx:REAL_8[nDim] unitX:STRING[nDim] unitY:STRING"
                  .formatted(count);
          case "FrEndOfFrame" ->
              "run:INT_4S frame:INT_4U" + (version == 6 ? " chkType:INT_4U chkSum:INT_4U" : "");
          default ->
              "nFrames:INT_4U nBytes:%s".formatted(count)
                  + switch (version) {
                    case 4 -> " seekTOC:INT_4U";
                    case 6 -> " chkType:INT_4U chkSum:INT_4U";
                    default -> " chkSumFrHeader:INT_4U chkSum:INT_4U chkSumFile:INT_4U";
                  };
        }
        + (name.equals("FrEndOfFile") ? "" : checksum);
  }

  private Body vect(Vector vector) {
    Body body = body().text(vector.channel).int16(vector.compress).int16(vector.type);
    body.size(vector.samples).size(vector.data.length).raw(vector.data).int32(vector.dimensions);
    for (int i = 0; i < vector.dimensions; i++) {
      body.size(vector.samples);
    }
    for (int i = 0; i < vector.dimensions; i++) {
      body.float64(vector.dx);
    }
    for (int i = 0; i < vector.dimensions; i++) {
      body.text(vector.unitX);
    }
    return body.text("m");
  }

  private static int id(String name) {
    return FIRST_CLASS + CLASSES.indexOf(name);
  }

  private void writeHeader() {
    ByteBuffer header = ByteBuffer.allocate(40).order(order);
    header.put("IGWD\0".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 1);
    header.put(new byte[] {2, 4, 8, 4, 8}).putShort((short) 0x1234).putInt(0x12345678);
    header.putLong(0x0123456789abcdefL).putFloat((float) Math.PI).putDouble(Math.PI);
    header.put(version == 8 ? new byte[] {0, 1} : new byte[] {'A', 'Z'});
    file.writeBytes(header.array());
  }

  private void structure(int classId, int instance, Body body) {
    byte[] content = body.out.toByteArray();
    boolean isEnd = classId == id("FrEndOfFile");
    int checksum = version == 8 && !isEnd ? 4 : 0;
    int start = file.size();
    if (version == 4) {
      Body head = body().int32(8 + content.length).int16(classId).int16(instance);
      file.writeBytes(head.out.toByteArray());
    } else {
      Body head = body().size(14 + content.length + checksum);
      if (version == 8) {
        head.raw(new byte[] {1, (byte) classId});
      } else {
        head.int16(classId);
      }
      file.writeBytes(head.int32(instance).out.toByteArray());
    }
    file.writeBytes(content);
    if (checksum > 0) {
      file.writeBytes(new byte[4]);
      patch(file.size() - 4, start, file.size() - 4);
    }
  }

  /** Puts the checksum of {@code [from, to)} at {@code field}. */
  private void patch(int field, int from, int to) {
    byte[] bytes = file.toByteArray();
    ByteBuffer.wrap(bytes).order(order).putInt(field, Cksum.of(bytes, from, to));
    file.reset();
    file.writeBytes(bytes);
  }

  private Body body() {
    return new Body();
  }

  /** The fields of a structure, in the file's order. */
  private final class Body {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Body raw(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Body int16(int value) {
      return raw(numbers(order, 2, value));
    }

    Body int32(int value) {
      return raw(numbers(order, 4, value));
    }

    /** INT_4U in version 4, then INT_8U. */
    Body size(long value) {
      return raw(numbers(order, version == 4 ? 4 : 8, value));
    }

    Body float64(double value) {
      return raw(numbers(order, 8, Double.doubleToRawLongBits(value)));
    }

    Body text(String text) {
      return int16(text.length() + 1).raw((text + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    Body reference(int classId, int instance) {
      int16(classId);
      return version == 4 ? int16(instance) : int32(instance);
    }
  }

  /** POSIX cksum, a bit at a time. */
  static final class Cksum {
    private Cksum() {}

    static int of(byte[] bytes, int from, int to) {
      int crc = 0;
      for (int i = from; i < to; i++) {
        crc = next(crc, bytes[i]);
      }
      for (int left = to - from; left > 0; left >>>= 8) {
        crc = next(crc, (byte) left);
      }
      return ~crc;
    }

    private static int next(int crc, byte value) {
      int next = crc ^ (value << 24);
      for (int bit = 0; bit < 8; bit++) {
        next = next < 0 ? (next << 1) ^ 0x04C11DB7 : next << 1;
      }
      return next;
    }
  }
}
