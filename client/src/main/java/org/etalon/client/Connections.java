package org.etalon.client;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The connections to one server and the event loops that serve them. Thread-safe. */
final class Connections implements AutoCloseable {
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int KEEP_ALIVE_SECONDS = 20;
  private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 10;
  private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;
  private static final int CLOSE_SECONDS = 5;
  private static final long WAKE_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(250);

  private final EventLoopGroup eventLoops;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final AtomicInteger turn = new AtomicInteger();
  private final ClientTime time;
  private final AtomicLong lastWakeNs;

  /** Connects with the first request. Owns the event loops from here. */
  Connections(ClientConfig config, EventLoopGroup eventLoops, ClientTime time) {
    this.eventLoops = eventLoops;
    this.time = time;
    this.lastWakeNs = new AtomicLong(time.nanos() - WAKE_INTERVAL_NS);
    Class<? extends SocketChannel> socket =
        Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
    for (int i = 0; i < config.connections(); i++) {
      channels.add(channel(config, socket));
    }
  }

  /** The threads of a client: epoll where there is one. */
  static EventLoopGroup eventLoops(ClientConfig config) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(
        config.eventLoops(), new DefaultThreadFactory("etalon-client", true), io);
  }

  private ManagedChannel channel(ClientConfig config, Class<? extends SocketChannel> socket) {
    return NettyChannelBuilder.forAddress(config.host(), config.port())
        .eventLoopGroup(eventLoops)
        .channelType(socket)
        .usePlaintext()
        .directExecutor() // callbacks do not block, and a change of threads costs more than a call
        .disableRetry() // an InferCall knows which requests may be sent again
        .disableServiceConfigLookUp()
        .maxInboundMessageSize(config.maxMessageBytes())
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS) // a dead network has no other sign
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .build();
  }

  /** The connection whose turn it is. */
  Channel next() {
    if (channels.size() == 1) {
      return channels.getFirst();
    }
    return channels.get(Math.floorMod(turn.getAndIncrement(), channels.size()));
  }

  /**
   * Makes lost connections connect now rather than after gRPC's own pause, which grows to two
   * minutes. Four times a second at most.
   */
  void wake() {
    long now = time.nanos();
    long last = lastWakeNs.get();
    if (now - last >= WAKE_INTERVAL_NS && lastWakeNs.compareAndSet(last, now)) {
      channels.forEach(ManagedChannel::resetConnectBackoff);
    }
  }

  /** Ends calls, connections and threads, in a few seconds at most. */
  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    try {
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    eventLoops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
