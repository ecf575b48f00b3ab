package org.etalon.server.grpc;

import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** A client that writes frames as it is told, also wrong ones. */
final class RawHttp2 implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int TIMEOUT_MILLIS = 30_000;

  /** A frame received. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and read by its test alone
  record Frame(int type, int flags, int streamId, byte[] payload) {
    /** The error code of a RST_STREAM or GOAWAY. */
    int error() {
      int at = type == GOAWAY ? 4 : 0;
      return payload[at + 3] & 0xff;
    }
  }

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;

  /**
   * @param window of each of its streams for what it receives
   */
  RawHttp2(InetSocketAddress server, int window) throws IOException {
    socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    out = new DataOutputStream(socket.getOutputStream());
    in = new DataInputStream(socket.getInputStream());
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    ByteArrayOutputStream settings = new ByteArrayOutputStream();
    try (DataOutputStream setting = new DataOutputStream(settings)) {
      setting.writeShort(INITIAL_WINDOW_SIZE);
      setting.writeInt(window);
    }
    send(SETTINGS, 0, 0, settings.toByteArray());
  }

  RawHttp2(InetSocketAddress server) throws IOException {
    this(server, 1 << 20);
  }

  void send(int type, int flags, int streamId, byte[] payload) throws IOException {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    try (DataOutputStream head = new DataOutputStream(frame)) {
      head.writeInt(payload.length << 8 | type);
      head.writeByte(flags);
      head.writeInt(streamId);
      head.write(payload);
    }
    out.write(frame.toByteArray());
  }

  /** The headers of a call, as literals. */
  static byte[] headers(String path, String... more) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", path);
    header(block, ":authority", "x");
    header(block, "content-type", "application/grpc");
    header(block, "te", "trailers");
    for (int i = 0; i < more.length; i += 2) {
      header(block, more[i], more[i + 1]);
    }
    return block.toByteArray();
  }

  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int rest = bytes.length;
    if (rest < 127) {
      block.write(rest);
    } else {
      block.write(127);
      rest -= 127;
      while (rest >= 128) {
        block.write((rest & 127) | 128);
        rest >>= 7;
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /** A message behind its prefix. */
  static byte[] message(MessageLite message) {
    byte[] bytes = message.toByteArray();
    return ByteBuffer.allocate(5 + bytes.length)
        .put((byte) 0)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** Begins a call of {@code ModelInfer}. */
  void call(int streamId, MessageLite request) throws IOException {
    send(HEADERS, END_HEADERS, streamId, headers("/inference.GRPCInferenceService/ModelInfer"));
    send(DATA, END_STREAM, streamId, message(request));
  }

  Frame read() throws IOException {
    int head = in.readInt();
    int flags = in.readUnsignedByte();
    int streamId = in.readInt();
    return new Frame(head & 0xff, flags, streamId, in.readNBytes(head >>> 8));
  }

  /** The next frame of that kind; those before it are passed over. */
  Frame next(Predicate<Frame> isWanted) throws IOException {
    while (true) {
      Frame frame = read();
      if (isWanted.test(frame)) {
        return frame;
      }
    }
  }

  Frame next(int type) throws IOException {
    return next(frame -> frame.type() == type);
  }

  /** True once the server has ended the connection. */
  boolean isEnded() throws IOException {
    try {
      while (true) {
        var _ = read();
      }
    } catch (EOFException | SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
