package org.etalon.protocol.wire;

import static org.etalon.protocol.wire.WireReader.FIXED32;
import static org.etalon.protocol.wire.WireReader.FIXED64;
import static org.etalon.protocol.wire.WireReader.LENGTH_DELIMITED;
import static org.etalon.protocol.wire.WireReader.VARINT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.etalon.inference.DataType;
import org.etalon.inference.ServingException;
import org.etalon.inference.Tensor;

/**
 * The elements of an input given one by one ({@code InferTensorContents}), as tensor memory.
 *
 * <p>They are read twice: first to count and check them, then into memory of just their size. So a
 * request costs no more than its elements, whatever order its fields come in. Owned by one thread.
 */
final class TypedInput {
  /**
   * The fields of InferTensorContents in the order of their numbers, from 1, and how one of their
   * elements is encoded.
   */
  private enum Form {
    BOOL("bool_contents", VARINT),
    INT("int_contents", VARINT),
    INT64("int64_contents", VARINT),
    UINT("uint_contents", VARINT),
    UINT64("uint64_contents", VARINT),
    FP32("fp32_contents", FIXED32),
    FP64("fp64_contents", FIXED64),
    BYTES("bytes_contents", LENGTH_DELIMITED);

    private static final Form[] ALL = values();

    private final String field;
    private final int wireType;

    Form(String field, int wireType) {
      this.field = field;
      this.wireType = wireType;
    }
  }

  private final Form form;
  private final DataType datatype;
  private final String what;
  private long count;
  private long bytes;

  /**
   * @param what names the input, for errors
   */
  TypedInput(DataType datatype, String what) {
    this.form = formOf(datatype, what);
    this.datatype = datatype;
    this.what = what;
  }

  private static Form formOf(DataType datatype, String what) {
    return switch (datatype) {
      case BOOL -> Form.BOOL;
      case INT8, INT16, INT32 -> Form.INT;
      case INT64 -> Form.INT64;
      case UINT8, UINT16, UINT32 -> Form.UINT;
      case UINT64 -> Form.UINT64;
      case FP32 -> Form.FP32;
      case FP64 -> Form.FP64;
      case BYTES -> Form.BYTES;
      case FP16, BF16 ->
          throw ServingException.invalid(
              "contents given for %s of %s, which has no typed form (expected: raw_input_contents)"
                  .formatted(what, datatype));
    };
  }

  /** Counts and checks the elements of a contents message, the reader's next value. */
  void measure(WireReader reader) {
    visit(reader, MemorySegment.NULL, false);
  }

  /** Bytes of tensor memory that all elements measured take. */
  long byteSize() {
    return bytes;
  }

  /** Writes the elements of a message measured before behind those written before. */
  void write(WireReader reader, MemorySegment target) {
    visit(reader, target, true);
  }

  /** Makes ready to write after measuring. */
  void rewind() {
    count = 0;
    bytes = 0;
  }

  private void visit(WireReader reader, MemorySegment target, boolean isWriting) {
    while (reader.hasMore()) {
      int tag = reader.readTag();
      int number = tag >>> 3;
      int type = tag & 7;
      if (number > Form.ALL.length) {
        reader.skip(tag);
        continue;
      }
      Form given = Form.ALL[number - 1];
      if (type == given.wireType) {
        element(given, reader, target, isWriting);
      } else if (type == LENGTH_DELIMITED) {
        long outer = reader.enter();
        while (reader.hasMore()) {
          element(given, reader, target, isWriting);
        }
        reader.leave(outer);
      } else {
        reader.skip(tag);
      }
    }
  }

  private void element(Form given, WireReader reader, MemorySegment target, boolean isWriting) {
    if (given != form) {
      throw ServingException.invalid(
          "%s given for %s of %s (expected: %s)"
              .formatted(given.field, what, datatype, form.field));
    }
    switch (given) {
      case BOOL -> {
        boolean value = reader.readBool();
        if (isWriting) {
          target.set(ValueLayout.JAVA_BYTE, bytes, (byte) (value ? 1 : 0));
        }
        bytes += 1;
      }
      case INT, UINT -> {
        int value = (int) reader.readVarint();
        checkRange(value);
        if (isWriting) {
          writeNarrow(target, value);
        }
        bytes += datatype.elementBytes();
      }
      case INT64, UINT64 -> {
        long value = reader.readVarint();
        if (isWriting) {
          target.set(Tensor.LONG, bytes, value);
        }
        bytes += Long.BYTES;
      }
      case FP32 -> {
        int bits = reader.readFixed32();
        if (isWriting) {
          target.set(Tensor.INT, bytes, bits);
        }
        bytes += Integer.BYTES;
      }
      case FP64 -> {
        long bits = reader.readFixed64();
        if (isWriting) {
          target.set(Tensor.LONG, bytes, bits);
        }
        bytes += Long.BYTES;
      }
      case BYTES -> {
        MemorySegment value = reader.readBytes();
        if (isWriting) {
          target.set(Tensor.INT, bytes, (int) value.byteSize());
          MemorySegment.copy(value, 0, target, bytes + Integer.BYTES, value.byteSize());
        }
        bytes += Integer.BYTES + value.byteSize();
      }
    }
    count++;
  }

  private void checkRange(int value) {
    boolean fits =
        switch (datatype) {
          case INT8 -> value == (byte) value;
          case INT16 -> value == (short) value;
          case UINT8 -> (value & ~0xff) == 0;
          case UINT16 -> (value & ~0xffff) == 0;
          default -> true;
        };
    if (!fits) {
      throw ServingException.invalid(
          "element %d of %s is %d (expected: a value of %s)"
              .formatted(
                  count,
                  what,
                  form == Form.UINT ? Integer.toUnsignedLong(value) : value,
                  datatype));
    }
  }

  private void writeNarrow(MemorySegment target, int value) {
    switch (datatype.elementBytes()) {
      case 1 -> target.set(ValueLayout.JAVA_BYTE, bytes, (byte) value);
      case 2 -> target.set(Tensor.SHORT, bytes, (short) value);
      default -> target.set(Tensor.INT, bytes, value);
    }
  }
}
