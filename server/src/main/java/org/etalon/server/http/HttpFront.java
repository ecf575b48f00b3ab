package org.etalon.server.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
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
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.etalon.engine.Engine;
import org.etalon.server.internal.Listener;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.TlsContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves an engine's models over HTTP/1.1. Thread-safe. */
public final class HttpFront implements Listener {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
  private static final int BACKLOG = 1024;
  private static final int MAX_LINE_BYTES = 8 << 10;

  /** A body that is there as a whole is handed on as a whole. */
  private static final int MAX_PIECE_BYTES = 1 << 20;

  private static final long CLOSE_TIMEOUT_SECONDS = 5;

  private static final byte[] TOO_MANY_CONNECTIONS =
      """
      HTTP/1.1 503 Service Unavailable\r
      connection: close\r
      content-length: 0\r
      retry-after: 1\r
      \r
      """
          .getBytes(StandardCharsets.US_ASCII);

  private final EventLoopGroup loops;
  private final ServerSocketChannel server;
  private final ChannelGroup connections;

  private HttpFront(EventLoopGroup loops, ServerSocketChannel server, ChannelGroup connections) {
    this.loops = loops;
    this.server = server;
    this.connections = connections;
  }

  /**
   * Listens until {@link #close}.
   *
   * @param engine borrowed, to be closed after this
   * @param access asked before each request
   * @param regions memory that clients share, borrowed
   * @param observation what clients may see and change of what is seen
   * @throws IOException if the port cannot be had, or a file for TLS cannot be used
   */
  public static HttpFront start(
      HttpConfig config,
      Engine engine,
      ServerIdentity identity,
      AccessControl access,
      SharedRegions regions,
      Observation observation)
      throws IOException {
    Router router =
        Endpoints.of(engine, identity, access, regions, observation, config.forwarded());
    return start(config, router, ByteBufAllocator.DEFAULT);
  }

  @SuppressWarnings("AddressSelection") // a name may have several; the system's choice is meant
  static HttpFront start(HttpConfig config, Router router, ByteBufAllocator allocator)
      throws IOException {
    Optional<TlsContext> tls = tls(config);
    boolean isEpoll = Epoll.isAvailable();
    IoHandlerFactory io = isEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(), new DefaultThreadFactory("http", true), io);
    var connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(isEpoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, allocator)
            .childHandler(initializer(config, tls, router, connections))
            .bind(new InetSocketAddress(config.host(), config.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
      throw new IOException(
          "HTTP cannot listen on %s:%d (expected: a free port of this machine)"
              .formatted(config.host(), config.port()),
          bound.cause());
    }
    return new HttpFront(loops, (ServerSocketChannel) bound.channel(), connections);
  }

  private static Optional<TlsContext> tls(HttpConfig config) throws IOException {
    return config.tls().isEmpty()
        ? Optional.empty()
        : Optional.of(TlsContext.open(config.tls().get(), "http/1.1", InstantSource.system()));
  }

  private static ChannelInitializer<Channel> initializer(
      HttpConfig config, Optional<TlsContext> tls, Router router, ChannelGroup connections) {
    long idleMillis = config.idleTimeout().toMillis();
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (connections.size() >= config.maxConnections()) {
          refuse(channel, tls.isPresent());
          return;
        }
        connections.add(channel);
        tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
        channel
            .pipeline()
            .addLast(new IdleStateHandler(0, 0, idleMillis, TimeUnit.MILLISECONDS))
            .addLast(new HttpServerCodec(decoder(config)))
            .addLast(new HttpConnection(config, router, channel));
      }
    };
  }

  /** One connection too many is told so, where that costs no handshake. */
  private static void refuse(Channel channel, boolean isTls) {
    LOG.warn("connection from {} refused: the limit is reached", channel.remoteAddress());
    if (isTls) {
      var _ = channel.close();
      return;
    }
    var _ =
        channel
            .writeAndFlush(Unpooled.wrappedBuffer(TOO_MANY_CONNECTIONS))
            .addListener(ChannelFutureListener.CLOSE);
  }

  private static HttpDecoderConfig decoder(HttpConfig config) {
    return new HttpDecoderConfig()
        .setMaxInitialLineLength(MAX_LINE_BYTES)
        .setMaxHeaderSize(config.maxHeaderBytes())
        .setMaxChunkSize(MAX_PIECE_BYTES);
  }

  @Override
  public InetSocketAddress address() {
    return server.localAddress();
  }

  @Override
  public int connections() {
    return connections.size();
  }

  /** Closes connections as they owe nothing more; done when the last is closed. */
  @Override
  public CompletableFuture<Void> drain() {
    var drained = new CompletableFuture<Void>();
    server
        .close()
        .addListener(_ -> {
          connections.forEach(HttpFront::drain);
          connections.newCloseFuture().addListener(_ -> drained.complete(null));
        });
    return drained;
  }

  private static void drain(Channel channel) {
    channel
        .eventLoop()
        .execute(() -> {
          HttpConnection connection = channel.pipeline().get(HttpConnection.class);
          if (connection != null) {
            connection.drain();
          }
        });
  }

  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    loops
        .shutdownGracefully(0, CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }
}
