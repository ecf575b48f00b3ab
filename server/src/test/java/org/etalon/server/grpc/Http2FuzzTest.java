package org.etalon.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.etalon.server.internal.http2.Http2Connection;
import org.etalon.server.internal.http2.Http2Limits;
import org.etalon.server.internal.http2.Http2Stream;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.etalon.server.observation.TraceParent;
import org.etalon.server.security.AccessControl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a gRPC client sends, in whatever pieces, is answered, refused or the end of its
 * connection, without a fault of the server's own and with all memory given back. {@code fuzz/}
 * holds seeds and what Jazzer found (its {@code --target_class} is this one); here they are only
 * replayed.
 */
final class Http2FuzzTest {
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};
  private static final int MAX_MESSAGE_BYTES = 1 << 16;

  static List<Path> seeds() throws IOException, URISyntaxException {
    URL folder = Objects.requireNonNull(Http2FuzzTest.class.getResource("fuzz"));
    try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void outlivesEachInputFound(Path file) throws IOException {
    fuzzerTestOneInput(Files.readAllBytes(file));
  }

  /** Frames that are nearly right, as a fuzzer without guidance makes them. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void outlivesSeedsWithFaults(int seed) throws IOException, URISyntaxException {
    var random = new SplittableRandom(seed);
    for (Path file : seeds()) {
      byte[] input = Files.readAllBytes(file);
      for (int i = 0; i < 200; i++) {
        byte[] faulty = input.clone();
        for (int n = random.nextInt(4); n >= 0; n--) {
          faulty[random.nextInt(faulty.length)] = (byte) random.nextInt();
        }
        fuzzerTestOneInput(Arrays.copyOf(faulty, random.nextInt(1, faulty.length + 1)));
      }
    }
  }

  /**
   * @param input how the pieces are cut, then frames behind the preface
   */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    var memory = new ScarceMemory();
    var channel = new Duplex();
    channel.config().setAllocator(memory);
    channel.pipeline().addLast(connection(channel, memory));
    channel.pipeline().fireChannelActive();
    send(channel, Unpooled.copiedBuffer(Http2CodecUtil.connectionPrefaceBuf()).array());
    send(channel, SETTINGS);
    int piece = 1 + (input[0] & 0xff);
    for (int at = 1; at < input.length && channel.isOpen(); at += piece) {
      send(channel, Arrays.copyOfRange(input, at, Math.min(input.length, at + piece)));
    }
    channel.finishAndReleaseAll();
    channel.checkException();
    assertThat(memory.usedBytes()).isZero();
  }

  private static void send(EmbeddedChannel channel, byte[] bytes) {
    channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    channel.runPendingTasks();
    channel.releaseOutbound();
  }

  private static Http2Connection connection(Duplex channel, ScarceMemory memory) {
    var settings =
        new GrpcSettings(
            MAX_MESSAGE_BYTES,
            ResponseCompression.NONE,
            memory,
            AccessControl.open(),
            Runnable::run,
            Observation.embedded(),
            ForwardedHeaders.none());
    var limits =
        new Http2Limits(
            8,
            4096,
            1 << 15,
            1 << 16,
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ZERO,
            true,
            Optional.empty(),
            Duration.ofHours(1));
    return new Http2Connection(
        channel, limits, new GrpcService(Map.of("s/echo", Echo::start), settings));
  }

  /** Answers every message with itself. */
  private static final class Echo extends GrpcCall {
    private Echo(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
      super(stream, headers, settings);
    }

    static GrpcCall start(Http2Stream stream, Http2Headers headers, GrpcSettings settings) {
      Echo call = new Echo(stream, headers, settings);
      TraceParent.of(call.header(TraceParent.HEADER));
      call.request(2);
      return call;
    }

    @Override
    void onMessage(ReceivedMessage message) {
      sendMessage(
          new BufferPayload(
              Unpooled.wrappedBuffer(message.memory().toArray(ValueLayout.JAVA_BYTE))));
      message.release();
      request(1);
    }

    @Override
    void onHalfClose() {
      close(Status.OK);
    }

    @Override
    void onCancel() {}
  }

  /** A socket of which one side can be shut. */
  private static final class Duplex extends EmbeddedChannel implements DuplexChannel {
    @Override
    public boolean isInputShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownInput() {
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdownInput(ChannelPromise promise) {
      return promise.setSuccess();
    }

    @Override
    public boolean isOutputShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdownOutput() {
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdownOutput(ChannelPromise promise) {
      return promise.setSuccess();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public ChannelFuture shutdown() {
      return newSucceededFuture();
    }

    @Override
    public ChannelFuture shutdown(ChannelPromise promise) {
      return promise.setSuccess();
    }
  }
}
