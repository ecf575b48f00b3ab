package org.etalon.client;

import io.grpc.ClientCall;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.wire.InferRequestEncoder;
import org.jspecify.annotations.Nullable;

/**
 * One sending of a request. Thread-safe.
 *
 * <p>It has ended when nobody reads the request's memory any longer: the call is closed, the
 * sending thread is through, and so is a transport that writes the message late because the
 * connection was not there. Each of the three holds the attempt; who lets go last tells its {@link
 * InferCall}.
 */
final class Attempt extends ClientCall.Listener<byte[]> {
  /** {@code ModelInfer}, with its request read from, and answer left in, the bytes themselves. */
  static final MethodDescriptor<Attempt, byte[]> INFER =
      GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(
              new RequestMarshaller(), new AnswerMarshaller())
          .build();

  private final InferCall request;
  private final InferRequestEncoder message;
  private final ClientCall<Attempt, byte[]> rpc;
  private final ClientTime time;
  private final long startNs;

  /** By the sender until {@link #isSent}, and by the call until {@link #onClose}. */
  private final AtomicInteger holds = new AtomicInteger(2);

  private volatile @Nullable RuntimeException unreadable;
  private byte @Nullable [] answer;
  private Status status = Status.OK;
  private long endNs;

  Attempt(
      InferCall request,
      InferRequestEncoder message,
      ClientCall<Attempt, byte[]> rpc,
      ClientTime time) {
    this.request = request;
    this.message = message;
    this.rpc = rpc;
    this.time = time;
    this.startNs = time.nanos();
  }

  /** Sends the request; {@link #isSent} must follow. */
  void send() {
    rpc.start(this, new Metadata());
    rpc.request(2); // one answer; asking for two lets the call close without another round
    rpc.sendMessage(this);
    rpc.halfClose();
  }

  /** Lets go after {@link #send}; true if the attempt has ended meanwhile, which nobody tells. */
  boolean isSent() {
    return letGo();
  }

  /** Tells the server to give up; the attempt ends soon after. Call only after {@link #send}. */
  void cancel() {
    rpc.cancel("the asker gave up", null);
  }

  @Override
  public void onMessage(byte[] bytes) {
    answer = bytes;
  }

  @Override
  public void onClose(Status closed, Metadata trailers) {
    status = closed;
    endNs = time.nanos();
    letGoAndTell();
  }

  private void letGoAndTell() {
    if (letGo()) {
      request.endedLater(this);
    }
  }

  private boolean letGo() {
    return holds.decrementAndGet() == 0;
  }

  private boolean hold() {
    int before;
    do {
      before = holds.get();
      if (before == 0) {
        return false;
      }
    } while (!holds.compareAndSet(before, before + 1));
    return true;
  }

  /** How the call closed. Like all below, to be asked only when the attempt has ended. */
  Status status() {
    return status;
  }

  byte @Nullable [] answer() {
    return answer;
  }

  long latencyNs() {
    return endNs - startNs;
  }

  /** Why the request's memory could not be read, if it could not. */
  @Nullable RuntimeException unreadable() {
    return unreadable;
  }

  /**
   * The message on its way into the transport's buffer.
   *
   * <p>It never fails: a message that the transport writes late, once it is connected, would take
   * the whole channel down with it. Where the memory cannot be read, zeros go out and {@link
   * #unreadable} fails the request, whatever the server answers.
   */
  private final class Body extends InputStream implements KnownLength, Drainable {
    @Override
    public int available() {
      return message.size();
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      CountedOutput counted = new CountedOutput(target);
      if (hold()) { // else the call has ended, and what is written goes nowhere
        try {
          message.writeTo(counted);
        } catch (RuntimeException e) {
          unreadable = e;
        } finally {
          letGoAndTell();
        }
      }
      counted.fillTo(message.size());
      return message.size();
    }

    @Override
    public int read() throws IOException {
      throw notDrained();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      throw notDrained();
    }

    private IOException notDrained() {
      return new IOException("a message that is Drainable was read");
    }
  }

  private static final class CountedOutput extends OutputStream {
    private final OutputStream target;
    private int count;

    CountedOutput(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(int b) throws IOException {
      target.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      target.write(bytes, offset, length);
      count += length;
    }

    void fillTo(int size) throws IOException {
      while (count < size) {
        write(0);
      }
    }
  }

  private static final class RequestMarshaller implements MethodDescriptor.Marshaller<Attempt> {
    @Override
    public InputStream stream(Attempt attempt) {
      return attempt.new Body();
    }

    @Override
    public Attempt parse(InputStream stream) {
      throw new UnsupportedOperationException("a client reads no requests");
    }
  }

  private static final class AnswerMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] bytes) {
      throw new UnsupportedOperationException("a client sends no answers");
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream instanceof KnownLength
            ? stream.readNBytes(stream.available())
            : stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
