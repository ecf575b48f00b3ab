package org.etalon.backends.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes an ONNX file of any size: {@code y = (x a) b}, with {@value #COLUMNS} columns.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">the fields</a>
 */
final class LargeModel {
  static final int COLUMNS = 64;
  private static final int FLOAT = 1;

  private LargeModel() {}

  static byte[] ofBytes(int bytes) throws IOException {
    int inner = bytes / Float.BYTES / COLUMNS / 2;
    ByteString graph =
        concat(
            bytes(1, node("x", "a", "h")),
            bytes(1, node("h", "b", "y")),
            bytes(2, ByteString.copyFromUtf8("large")),
            bytes(5, weights("a", COLUMNS, inner)),
            bytes(5, weights("b", inner, COLUMNS)),
            bytes(11, rows("x")),
            bytes(12, rows("y")));
    return concat(number(1, 8), bytes(7, graph), bytes(8, number(2, 17))).toByteArray();
  }

  private static ByteString node(String left, String right, String product) throws IOException {
    return concat(text(1, left), text(1, right), text(2, product), text(4, "MatMul"));
  }

  private static ByteString weights(String name, int rows, int columns) throws IOException {
    ByteBuffer values =
        ByteBuffer.allocate(rows * columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows * columns; i++) {
      values.putFloat((i % 7 - 3) / 1000f);
    }
    return concat(
        number(1, rows),
        number(1, columns),
        number(2, FLOAT),
        text(8, name),
        bytes(9, ByteString.copyFrom(values.flip())));
  }

  private static ByteString rows(String name) throws IOException {
    ByteString shape = concat(bytes(1, text(2, "batch")), bytes(1, number(1, COLUMNS)));
    ByteString tensor = concat(number(1, FLOAT), bytes(2, shape));
    return concat(text(1, name), bytes(2, bytes(1, tensor)));
  }

  private static ByteString concat(ByteString... parts) {
    ByteString all = ByteString.EMPTY;
    for (ByteString part : parts) {
      all = all.concat(part);
    }
    return all;
  }

  private static ByteString text(int field, String value) throws IOException {
    return bytes(field, ByteString.copyFromUtf8(value));
  }

  private static ByteString bytes(int field, ByteString value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(field, value);
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }

  private static ByteString number(int field, long value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeInt64(field, value);
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }
}
