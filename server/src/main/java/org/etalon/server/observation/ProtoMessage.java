package org.etalon.server.observation;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A protobuf message that is put together field by field, in the order of the calls. */
final class ProtoMessage {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  ProtoMessage text(int field, String value) throws IOException {
    out.writeString(field, value);
    return this;
  }

  ProtoMessage bytes(int field, byte[] value) throws IOException {
    out.writeByteArray(field, value);
    return this;
  }

  ProtoMessage number(int field, long value) throws IOException {
    out.writeInt64(field, value);
    return this;
  }

  ProtoMessage fixed64(int field, long value) throws IOException {
    out.writeFixed64(field, value);
    return this;
  }

  ProtoMessage message(int field, ProtoMessage value) throws IOException {
    out.writeByteArray(field, value.toBytes());
    return this;
  }

  byte[] toBytes() throws IOException {
    out.flush();
    return bytes.toByteArray();
  }
}
