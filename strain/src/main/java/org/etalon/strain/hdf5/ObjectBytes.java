package org.etalon.strain.hdf5;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.etalon.strain.SampleType;

/**
 * Bytes of HDF5's structures, little-endian, as its file format specification (version 3.0) lays
 * them out. Owned by one thread.
 */
final class ObjectBytes {
  private static final int DATASPACE = 0x01;
  private static final int LINK_INFO = 0x02;
  private static final int DATATYPE = 0x03;
  private static final int FILL_VALUE = 0x05;
  private static final int LINK = 0x06;
  private static final int LAYOUT = 0x08;
  private static final int GROUP_INFO = 0x0A;
  private static final int ATTRIBUTE = 0x0C;
  private static final long UNDEFINED = -1;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ObjectBytes raw(byte[] value) {
    bytes.writeBytes(value);
    return this;
  }

  ObjectBytes number(long value, int width) {
    byte[] all =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    bytes.write(all, 0, width);
    return this;
  }

  byte[] toArray() {
    return bytes.toByteArray();
  }

  /** With the checksum of all before. */
  byte[] checked() {
    byte[] before = toArray();
    return number(Lookup3.of(before, before.length), 4).toArray();
  }

  /** An object header, version 2, of these messages. */
  static byte[] object(ObjectBytes messages) {
    byte[] body = messages.toArray();
    var header = new ObjectBytes().raw("OHDR".getBytes(StandardCharsets.US_ASCII));
    header.number(2, 1).number(0x02, 1).number(body.length, 4).raw(body);
    return header.checked();
  }

  /** A group that names what is in it in its own header. */
  ObjectBytes group() {
    message(
        LINK_INFO,
        new ObjectBytes().number(0, 2).number(UNDEFINED, 8).number(UNDEFINED, 8).toArray());
    return message(GROUP_INFO, new byte[2]);
  }

  /** A hard link, its name in UTF-8. */
  ObjectBytes link(String name, long address) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    var link = new ObjectBytes().number(1, 1).number(0x11, 1).number(1, 1);
    return message(LINK, link.number(text.length, 2).raw(text).number(address, 8).toArray());
  }

  /** A dataset whose values lie in one piece. */
  ObjectBytes dataset(byte[] datatype, byte[] dataspace, long address, long size) {
    message(DATASPACE, dataspace);
    message(DATATYPE, datatype);
    message(FILL_VALUE, new byte[] {3, 0x0A});
    return message(
        LAYOUT, new ObjectBytes().number(0x0103, 2).number(address, 8).number(size, 8).toArray());
  }

  ObjectBytes attribute(String name, String text) {
    byte[] value = text.getBytes(StandardCharsets.UTF_8);
    // A string of no characters is none to HDF5: one NUL stands for it.
    byte[] stored = value.length == 0 ? new byte[1] : value;
    return attribute(name, text(stored.length), stored);
  }

  ObjectBytes attribute(String name, long number) {
    return attribute(name, type(SampleType.INT64), new ObjectBytes().number(number, 8).toArray());
  }

  ObjectBytes attribute(String name, double number) {
    byte[] value = new ObjectBytes().number(Double.doubleToRawLongBits(number), 8).toArray();
    return attribute(name, type(SampleType.FLOAT64), value);
  }

  private ObjectBytes attribute(String name, byte[] datatype, byte[] value) {
    byte[] title = (name + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] dataspace = scalar();
    var attribute = new ObjectBytes().number(3, 1).number(0, 1).number(title.length, 2);
    attribute.number(datatype.length, 2).number(dataspace.length, 2).number(1, 1);
    return message(
        ATTRIBUTE, attribute.raw(title).raw(datatype).raw(dataspace).raw(value).toArray());
  }

  private ObjectBytes message(int type, byte[] body) {
    return number(type, 1).number(body.length, 2).number(0, 1).raw(body);
  }

  static byte[] scalar() {
    return new byte[] {2, 0, 0, 0};
  }

  static byte[] simple(long size) {
    return new ObjectBytes().raw(new byte[] {2, 1, 0, 1}).number(size, 8).toArray();
  }

  /** A string of a fixed length, padded with NUL. */
  static byte[] text(int length) {
    return new ObjectBytes().number(0x13, 1).number(0x11, 3).number(length, 4).toArray();
  }

  static byte[] type(SampleType type) {
    return switch (type) {
      case INT8, INT16, INT32, INT64 -> integer(type.bytes(), 0x08);
      case UINT8, UINT16, UINT32, UINT64 -> integer(type.bytes(), 0x00);
      case FLOAT32 -> real(4, 31, new int[] {23, 8, 0, 23}, 127);
      case FLOAT64 -> real(8, 63, new int[] {52, 11, 0, 52}, 1023);
      case COMPLEX64 -> complex(type(SampleType.FLOAT32), 4);
      case COMPLEX128 -> complex(type(SampleType.FLOAT64), 8);
    };
  }

  private static byte[] integer(int size, int flags) {
    var type = new ObjectBytes().number(0x10, 1).number(flags, 3).number(size, 4);
    return type.number(0, 2).number(8L * size, 2).toArray();
  }

  /** IEEE 754: where the sign is, exponent and mantissa as place and size, and the bias. */
  private static byte[] real(int size, int sign, int[] places, int bias) {
    var type = new ObjectBytes().number(0x11, 1).number(0x20 | sign << 8, 3).number(size, 4);
    type.number(0, 2).number(8L * size, 2);
    for (int place : places) {
      type.number(place, 1);
    }
    return type.number(bias, 4).toArray();
  }

  /** As h5py has it: a compound of r and i. */
  private static byte[] complex(byte[] part, int partBytes) {
    var type = new ObjectBytes().number(0x36, 1).number(2, 3).number(2L * partBytes, 4);
    type.raw(new byte[] {'r', 0}).number(0, 1).raw(part);
    return type.raw(new byte[] {'i', 0}).number(partBytes, 1).raw(part).toArray();
  }
}
