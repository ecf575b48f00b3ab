package org.etalon.conversion.caffe2;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Serialized nets, written field by field. */
final class Wire {
  private Wire() {}

  static byte[] net(byte[]... operators) {
    ByteArrayOutputStream net = new ByteArrayOutputStream();
    for (byte[] operator : operators) {
      net.writeBytes(chunk(2, operator));
    }
    return net.toByteArray();
  }

  /** An operator without arguments; no input if its name is empty. */
  static byte[] op(String type, String input, String output) {
    ByteArrayOutputStream operator = new ByteArrayOutputStream();
    if (!input.isEmpty()) {
      operator.writeBytes(chunk(1, utf8(input)));
    }
    operator.writeBytes(chunk(2, utf8(output)));
    operator.writeBytes(chunk(4, utf8(type)));
    return operator.toByteArray();
  }

  /** A field of bytes. */
  static byte[] chunk(int field, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((field << 3) | 2);
    int rest = content.length;
    for (; rest > 127; rest >>= 7) {
      out.write((rest & 127) | 128);
    }
    out.write(rest);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
