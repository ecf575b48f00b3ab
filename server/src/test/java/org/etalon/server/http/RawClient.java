package org.etalon.server.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends any bytes and reads responses one after another. */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final DataInputStream in;

  @SuppressWarnings("ArrayRecordComponent") // two responses are never compared
  record Response(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new DataInputStream(socket.getInputStream());
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** The next response, which must have a Content-Length or no body. */
  Response read() throws IOException {
    return read(false);
  }

  Response readWithoutBody() throws IOException {
    return read(true);
  }

  private Response read(boolean isHead) throws IOException {
    int status = Integer.parseInt(line().split(" ")[1]);
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    byte[] body =
        new byte[isHead ? 0 : Integer.parseInt(headers.getOrDefault("content-length", "0"))];
    in.readFully(body);
    return new Response(status, headers, body);
  }

  /** The next chunk of a body; empty at its end. */
  String readChunk() throws IOException {
    byte[] chunk = new byte[Integer.parseInt(line(), 16)];
    in.readFully(chunk);
    line();
    return new String(chunk, StandardCharsets.UTF_8);
  }

  /** Everything until the server closes its side. */
  String readToEnd() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  /** Closes this side only. */
  void endSending() throws IOException {
    socket.shutdownOutput();
  }

  /** True once the server has closed its side, nothing more having come. */
  boolean isEnded() throws IOException {
    return in.read() < 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
