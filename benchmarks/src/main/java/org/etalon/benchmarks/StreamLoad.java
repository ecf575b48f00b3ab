package org.etalon.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.netty.util.concurrent.EventExecutor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.protocol.proto.GRPCInferenceServiceGrpc;
import org.etalon.protocol.proto.InferParameter;
import org.etalon.protocol.proto.ModelInferRequest;
import org.etalon.protocol.proto.ModelStreamInferResponse;
import org.jspecify.annotations.Nullable;

/**
 * Updates of one sequence over one {@code ModelStreamInfer} call, sent when they are due whatever
 * has been answered, on the event loop that hears the answers: no thread is woken for a client's
 * sake. An update's latency counts from when it was due.
 */
final class StreamLoad {
  private static final MethodDescriptor<byte[], byte[]> STREAM_INFER =
      GRPCInferenceServiceGrpc.getModelStreamInferMethod().toBuilder(new Bytes(), new Bytes())
          .build();

  /** Streams that begin together do so while none is sent to yet. */
  private static final long START_NS = 20_000_000;

  private final ClientCall<byte[], byte[]> call;
  private final EventExecutor loop;
  private final byte[] start;
  private final byte[] next;
  private final long[] latencyNs;
  private final double intervalNs;
  private final int window;
  private final CompletableFuture<long[]> done = new CompletableFuture<>();
  private long beganNs;
  private long endedNs;
  private int sent;
  private int answered;

  /**
   * @param updatesPerSecond 0: as soon as fewer than {@code window} are unanswered
   */
  private StreamLoad(
      ManagedChannel channel,
      EventExecutor loop,
      Update update,
      int count,
      double updatesPerSecond,
      int window) {
    this.call = channel.newCall(STREAM_INFER, CallOptions.DEFAULT);
    this.loop = loop;
    this.start = update.message(true);
    this.next = update.message(false);
    this.latencyNs = new long[count];
    this.intervalNs = updatesPerSecond == 0 ? 0 : 1e9 / updatesPerSecond;
    this.window = window;
  }

  /** One update of zeros and ones. */
  record Update(String model, long sequence, int channels, int samples) {
    byte[] message(boolean isStart) {
      byte[] data = new byte[channels * samples * Float.BYTES];
      for (int i = 3; i < data.length; i += 8) {
        data[i] = 0x3f; // 0.5
      }
      return ModelInferRequest.newBuilder()
          .setModelName(model)
          .putParameters("sequence_id", InferParameter.newBuilder().setInt64Param(sequence).build())
          .putParameters(
              "sequence_start", InferParameter.newBuilder().setBoolParam(isStart).build())
          .addInputs(
              ModelInferRequest.InferInputTensor.newBuilder()
                  .setName("update")
                  .setDatatype("FP32")
                  .addShape(channels)
                  .addShape(samples))
          .addRawInputContents(ByteString.copyFrom(data))
          .build()
          .toByteArray();
    }
  }

  /**
   * Begins to send at a rate; done with the latency of each update.
   *
   * @param delayNs before the first
   */
  static StreamLoad atRate(
      ManagedChannel channel,
      EventExecutor loop,
      Update update,
      int count,
      double perSecond,
      long delayNs) {
    StreamLoad load = new StreamLoad(channel, loop, update, count, perSecond, Integer.MAX_VALUE);
    load.begin(delayNs);
    return load;
  }

  /** Begins to send as fast as answers come, with so many unanswered. */
  static StreamLoad asFastAsItGoes(
      ManagedChannel channel, EventExecutor loop, Update update, int count, int window) {
    StreamLoad load = new StreamLoad(channel, loop, update, count, 0, window);
    load.begin(0);
    return load;
  }

  CompletableFuture<long[]> done() {
    return done;
  }

  /** Updates a second from the first sent to the last answered. */
  double rate() {
    return latencyNs.length * 1e9 / (endedNs - beganNs);
  }

  /** Gives up: what has not been answered counts as late as it is by now. */
  void giveUp() {
    loop.execute(() -> {
      call.cancel("too late", null);
      finish(System.nanoTime());
    });
  }

  private void begin(long delayNs) {
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            call.request(1);
            answered(message);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            if (!done.isDone()) {
              done.completeExceptionally(status.asRuntimeException());
            }
          }
        },
        new Metadata());
    call.request(64);
    loop.execute(() -> {
      beganNs = System.nanoTime() + START_NS + delayNs;
      var _ = loop.schedule(this::sendDue, START_NS + delayNs, TimeUnit.NANOSECONDS);
    });
  }

  private long dueNs(int update) {
    return beganNs + (long) (update * intervalNs);
  }

  private void sendDue() {
    if (done.isDone()) {
      return;
    }
    long now = System.nanoTime();
    while (sent < latencyNs.length && sent - answered < window && dueNs(sent) <= now) {
      if (intervalNs == 0) {
        latencyNs[sent] = now;
      }
      call.sendMessage(sent == 0 ? start : next);
      sent++;
    }
    if (sent < latencyNs.length && intervalNs > 0) {
      var _ = loop.schedule(this::sendDue, dueNs(sent) - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private void answered(byte[] message) {
    if (message.length < 200) { // answers are short; an error shorter still is no answer
      requireAnswer(message);
    }
    long now = System.nanoTime();
    if (answered < latencyNs.length) {
      latencyNs[answered] = now - (intervalNs == 0 ? latencyNs[answered] : dueNs(answered));
      answered++;
    }
    if (answered == latencyNs.length) {
      finish(now);
      call.halfClose();
    } else if (intervalNs == 0) {
      sendDue();
    }
  }

  private void requireAnswer(byte[] message) {
    try {
      ModelStreamInferResponse answer = ModelStreamInferResponse.parseFrom(message);
      if (!answer.getErrorMessage().isEmpty()) {
        done.completeExceptionally(new IllegalStateException(answer.getErrorMessage()));
      }
    } catch (InvalidProtocolBufferException e) {
      done.completeExceptionally(e);
    }
  }

  private void finish(long now) {
    for (int i = answered; i < latencyNs.length; i++) {
      latencyNs[i] = Math.max(0, now - dueNs(i));
    }
    endedNs = now;
    done.complete(Arrays.copyOf(latencyNs, latencyNs.length));
  }

  /** Updates that were answered. */
  int answeredCount() {
    return answered;
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte @Nullable [] bytes) {
      return new ByteArrayInputStream(bytes == null ? new byte[0] : bytes);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
