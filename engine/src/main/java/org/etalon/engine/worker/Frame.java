package org.etalon.engine.worker;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.etalon.engine.backend.Device;
import org.etalon.inference.DataType;
import org.etalon.inference.Shape;

/**
 * One message: its length without these four bytes, its kind, what it says; all numbers
 * little-endian, a text as its length in bytes and UTF-8. Owned by one thread.
 *
 * <p>A frame that is written grows; one that was read ends where it ends, and reading past it is a
 * {@link java.nio.BufferUnderflowException}.
 */
final class Frame {
  /** What a frame is about; the number goes over the wire. */
  enum Kind {
    /** To the worker: model, version, its two folders, backend's configuration. */
    LOAD,
    /** From it: completed configuration, whether it runs inline, the devices there are. */
    LOADED,
    /** To it: kind and number of the device for the instance. */
    OPEN,
    /** From it. */
    OPENED,
    /**
     * To it: rows, bytes of the input file, inputs, which outputs are asked for; to a foreign one
     * also their names and the requests.
     */
    RUN,
    /** From it: bytes of the output file, outputs with their indexes. */
    DONE,
    /** In place of any answer, either way: error code and message. */
    FAILED,
    /** From it, before its answer: a request to another model, inputs in the output file. */
    CALL,
    /** To it: bytes of the input file, the model's outputs there. */
    CALLED
  }

  /** A tensor whose elements lie in a shared file. */
  record Placed(String name, DataType datatype, Shape shape, long offset, long bytes) {}

  private static final int FIRST_CAPACITY = 4096;
  private static final int MAX_RANK = 255;
  static final int HEAD = Integer.BYTES;
  static final List<Kind> KINDS = List.of(Kind.values());
  private static final List<DataType> DATATYPES = List.of(DataType.values());
  private static final List<Device.Kind> DEVICE_KINDS = List.of(Device.Kind.values());

  private ByteBuffer buffer = empty(FIRST_CAPACITY);

  private static ByteBuffer empty(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Empty, of a kind: to be written. */
  Frame begin(Kind kind) {
    buffer.clear().position(HEAD);
    return putByte(KINDS.indexOf(kind));
  }

  /** Finished: its bytes, to be sent. */
  ByteBuffer finished() {
    buffer.putInt(0, buffer.position() - HEAD);
    return buffer.flip();
  }

  /** Empty, for the bytes of a frame to come: at least so many. */
  ByteBuffer space(int bytes) {
    buffer.clear();
    return room(bytes);
  }

  /** With what has come, and room for so many bytes in all. */
  ByteBuffer room(int bytes) {
    ensure(bytes - buffer.position());
    return buffer;
  }

  private void ensure(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger = empty(Integer.highestOneBit(buffer.position() + bytes) << 1);
      buffer = larger.put(buffer.flip());
    }
  }

  Frame putByte(int value) {
    ensure(1);
    buffer.put((byte) value);
    return this;
  }

  Frame putDouble(double value) {
    return putLong(Double.doubleToRawLongBits(value));
  }

  Frame putInt(int value) {
    ensure(Integer.BYTES);
    buffer.putInt(value);
    return this;
  }

  Frame putLong(long value) {
    ensure(Long.BYTES);
    buffer.putLong(value);
    return this;
  }

  Frame putBytes(byte[] bytes) {
    putInt(bytes.length);
    ensure(bytes.length);
    buffer.put(bytes);
    return this;
  }

  Frame putText(String text) {
    return putBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  Frame putTensor(Placed tensor) {
    Shape shape = tensor.shape();
    if (shape.rank() > MAX_RANK) {
      throw new IllegalArgumentException(
          "tensor '%s': %d dimensions (expected: %d at most)"
              .formatted(tensor.name(), shape.rank(), MAX_RANK));
    }
    putText(tensor.name()).putByte(DATATYPES.indexOf(tensor.datatype())).putByte(shape.rank());
    for (int i = 0; i < shape.rank(); i++) {
      putLong(shape.dim(i));
    }
    return putLong(tensor.offset()).putLong(tensor.bytes());
  }

  Frame putDevice(Device device) {
    return putByte(DEVICE_KINDS.indexOf(device.kind())).putInt(device.index());
  }

  int getByte() {
    return Byte.toUnsignedInt(buffer.get());
  }

  int getInt() {
    return buffer.getInt();
  }

  long getLong() {
    return buffer.getLong();
  }

  byte[] getBytes() {
    int length = getInt();
    if (length < 0 || length > buffer.remaining()) {
      throw new IllegalArgumentException(
          "a field of %d bytes (expected: %d at most)".formatted(length, buffer.remaining()));
    }
    byte[] bytes = new byte[length];
    buffer.get(bytes);
    return bytes;
  }

  String getText() {
    return new String(getBytes(), StandardCharsets.UTF_8);
  }

  Device getDevice() {
    return new Device(DEVICE_KINDS.get(getByte()), getInt());
  }

  Placed getTensor() {
    String name = getText();
    DataType datatype = DATATYPES.get(getByte());
    long[] dims = new long[getByte()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = getLong();
    }
    return new Placed(name, datatype, Shape.of(dims), getLong(), getLong());
  }
}
