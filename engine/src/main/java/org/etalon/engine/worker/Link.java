package org.etalon.engine.worker;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Frames over a socket between service and worker, one at a time. Used by one thread at a time. */
@SuppressWarnings("ThreadPriorityCheck") // it yields so that looking takes nobody's processor
final class Link implements AutoCloseable {
  /** More than any configuration takes. */
  private static final int MAX_BYTES = 64 << 20;

  /**
   * How long to look again and again before sleeping: to be woken up takes longer than a small
   * batch. Whoever else wants the processor gets it meanwhile.
   */
  private static final long LOOK_NANOS =
      Runtime.getRuntime().availableProcessors() == 1 ? 0 : 200_000;

  /** A wait that was slept through and took no longer, with waking up, may be looked through. */
  private static final long SHORT_SLEEP_NANOS = 2 * LOOK_NANOS;

  private final SocketChannel channel;
  private final Selector readable;
  private final Frame out = new Frame();
  private final Frame in = new Frame();

  /** Whether the last wait was short, and so the next one may be. */
  private boolean looks = true;

  Link(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.configureBlocking(false);
    this.readable = Selector.open();
    channel.register(readable, SelectionKey.OP_READ);
  }

  /** A frame to be filled and {@linkplain #send sent}. */
  Frame begin(Frame.Kind kind) {
    return out.begin(kind);
  }

  /** Sends the frame begun last. */
  void send() throws IOException {
    ByteBuffer bytes = out.finished();
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        Thread.yield();
      }
    }
  }

  /**
   * The next frame, valid until the next call, read up to behind its kind.
   *
   * @throws EOFException if the other process has closed its end, or has ended
   */
  Received receive() throws IOException {
    ByteBuffer bytes = in.space(Frame.HEAD);
    while (bytes.position() < Frame.HEAD) {
      read(bytes);
    }
    int length = bytes.getInt(0);
    if (length < 1 || length > MAX_BYTES) {
      throw new IOException("a frame of %d bytes (expected: 1 to %d)".formatted(length, MAX_BYTES));
    }
    bytes = in.room(Frame.HEAD + length);
    while (bytes.position() < Frame.HEAD + length) {
      read(bytes);
    }
    bytes.flip().position(Frame.HEAD);
    int kind = in.getByte();
    if (kind >= Frame.KINDS.size()) {
      throw new IOException("a frame of kind %d (expected: %s)".formatted(kind, Frame.KINDS));
    }
    return new Received(Frame.KINDS.get(kind), in);
  }

  private void read(ByteBuffer bytes) throws IOException {
    int count = channel.read(bytes);
    if (count == 0) {
      long start = System.nanoTime();
      while (count == 0 && looks && System.nanoTime() - start < LOOK_NANOS) {
        Thread.yield();
        count = channel.read(bytes);
      }
      while (count == 0) {
        var _ = readable.select();
        readable.selectedKeys().clear();
        count = channel.read(bytes);
      }
      looks = System.nanoTime() - start < SHORT_SLEEP_NANOS;
    }
    if (count < 0) {
      throw new EOFException("the other process has ended");
    }
  }

  /** A frame that has come. */
  record Received(Frame.Kind kind, Frame frame) {}

  @Override
  public void close() throws IOException {
    readable.close();
    channel.close();
  }
}
