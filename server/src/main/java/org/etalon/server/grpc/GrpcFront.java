package org.etalon.server.grpc;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.Engine;
import org.etalon.server.internal.Listener;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.internal.http2.Http2Connection;
import org.etalon.server.internal.http2.Http2Limits;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.TlsContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves an engine over gRPC: inference, control, health and reflection. Thread-safe; borrows the
 * engine.
 *
 * <p>Calls are handled on the event loops themselves: none of them waits, and a hand-over to
 * another thread would cost more than the handling.
 */
public final class GrpcFront implements Listener {
  private static final Logger LOG = LoggerFactory.getLogger(GrpcFront.class);
  private static final int BACKLOG = 1024;
  private static final int HEALTH_REFRESH_MILLIS = 1000;
  private static final int CLOSE_SECONDS = 5;

  /** Room for large tensors in flight; smaller windows stall senders of megabytes. */
  private static final int STREAM_WINDOW_BYTES = 4 << 20;

  private static final int CONNECTION_WINDOW_BYTES = 16 << 20;

  /** One read takes what many small calls have sent. */
  private static final int MAX_READ_BYTES = 256 << 10;

  private static final int FIRST_READ_BYTES = 16 << 10;
  private static final int MIN_READ_BYTES = 2 << 10;

  private final EventLoopGroup loops;
  private final ServerSocketChannel server;
  private final HealthService health;
  private final ExecutorService executor;
  private final State state;

  /** What calls and connections ask while the front is being built. */
  private static final class State {
    private volatile boolean isDraining;
    private final ChannelGroup connections =
        new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  }

  private GrpcFront(
      EventLoopGroup loops,
      ServerSocketChannel server,
      HealthService health,
      ExecutorService executor,
      State state) {
    this.loops = loops;
    this.server = server;
    this.health = health;
    this.executor = executor;
    this.state = state;
  }

  /**
   * Listens and answers from now on.
   *
   * @param access asked before each request
   * @throws IOException if it cannot listen there, or a file for TLS cannot be used
   */
  public static GrpcFront start(
      GrpcConfig config,
      Engine engine,
      ServerIdentity identity,
      AccessControl access,
      SharedRegions regions,
      Observation observation)
      throws IOException {
    return start(config, engine, identity, access, regions, observation, ByteBufAllocator.DEFAULT);
  }

  /** The same with the memory for all that is received and sent from {@code allocator}. */
  static GrpcFront start(
      GrpcConfig config,
      Engine engine,
      ServerIdentity identity,
      AccessControl access,
      SharedRegions regions,
      Observation observation,
      ByteBufAllocator allocator)
      throws IOException {
    Optional<TlsContext> tls = tls(config);
    State state = new State();
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    HealthService health = new HealthService(engine::isReady);
    ControlService control =
        new ControlService(
            engine,
            identity,
            regions,
            observation,
            () -> !state.isDraining && engine.isReady(),
            executor);
    GrpcService service =
        new GrpcService(
            GrpcMethods.of(
                control,
                health,
                new UnaryInfer(engine, regions),
                new StreamInfer(engine, regions, config.limits().streamWindow())),
            new GrpcSettings(
                config.limits().maxMessageBytes(),
                config.compression(),
                allocator,
                access,
                executor,
                observation,
                config.forwarded()));
    EventLoopGroup loops = loops(config.eventLoops());
    ChannelFuture bound = bind(config, tls, service, loops, allocator, state.connections);
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
      executor.shutdownNow();
      throw new IOException(
          "gRPC cannot listen on %s:%d (expected: a free port of this machine)"
              .formatted(config.host(), config.port()),
          bound.cause());
    }
    var _ =
        loops.scheduleAtFixedRate(
            health::refresh, HEALTH_REFRESH_MILLIS, HEALTH_REFRESH_MILLIS, TimeUnit.MILLISECONDS);
    return new GrpcFront(loops, (ServerSocketChannel) bound.channel(), health, executor, state);
  }

  private static EventLoopGroup loops(int threads) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory("etalon-grpc", true), io);
  }

  private static Optional<TlsContext> tls(GrpcConfig config) throws IOException {
    return config.tls().isEmpty()
        ? Optional.empty()
        : Optional.of(TlsContext.open(config.tls().get(), "h2", InstantSource.system()));
  }

  @SuppressWarnings("AddressSelection") // a name may have several; the system's choice is meant
  private static ChannelFuture bind(
      GrpcConfig config,
      Optional<TlsContext> tls,
      GrpcService service,
      EventLoopGroup loops,
      ByteBufAllocator allocator,
      ChannelGroup connections) {
    Class<? extends ServerSocketChannel> channel =
        Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    return new ServerBootstrap()
        .group(loops)
        .channel(channel)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOCATOR, allocator)
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(MIN_READ_BYTES, FIRST_READ_BYTES, MAX_READ_BYTES))
        .childHandler(initializer(config, tls, service, connections))
        .bind(new InetSocketAddress(config.host(), config.port()))
        .awaitUninterruptibly();
  }

  private static ChannelInitializer<Channel> initializer(
      GrpcConfig config, Optional<TlsContext> tls, GrpcService service, ChannelGroup connections) {
    Http2Limits limits = limits(config);
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (connections.size() >= config.limits().maxConnections()) {
          LOG.warn("connection from {} refused: the limit is reached", channel.remoteAddress());
          var _ = channel.close();
          return;
        }
        connections.add(channel);
        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
        channel.pipeline().addLast(new Http2Connection(channel, limits, service));
      }
    };
  }

  private static Http2Limits limits(GrpcConfig config) {
    KeepAlive times = config.keepAlive();
    return new Http2Limits(
        config.limits().maxCallsPerConnection(),
        config.limits().maxMetadataBytes(),
        STREAM_WINDOW_BYTES,
        CONNECTION_WINDOW_BYTES,
        times.pingInterval(),
        times.pingTimeout(),
        times.minClientInterval(),
        times.permitsWithoutCalls(),
        times.maxAge(),
        times.maxAgeGrace());
  }

  @Override
  public InetSocketAddress address() {
    return server.localAddress();
  }

  @Override
  public int connections() {
    return state.connections.size();
  }

  /** Connections end as their calls are answered; done when the last has ended. */
  @Override
  public CompletableFuture<Void> drain() {
    state.isDraining = true;
    health.drain();
    var drained = new CompletableFuture<Void>();
    server
        .close()
        .addListener(_ -> {
          state.connections.forEach(GrpcFront::drain);
          state.connections.newCloseFuture().addListener(_ -> drained.complete(null));
        });
    return drained;
  }

  private static void drain(Channel channel) {
    channel
        .eventLoop()
        .execute(() -> {
          Http2Connection connection = channel.pipeline().get(Http2Connection.class);
          if (connection != null) {
            connection.drain();
          }
        });
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    state.connections.close().awaitUninterruptibly();
    loops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    executor.shutdownNow();
  }
}
