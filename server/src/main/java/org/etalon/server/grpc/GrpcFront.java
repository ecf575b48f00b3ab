package org.etalon.server.grpc;

import io.grpc.BindableService;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.Engine;
import org.etalon.server.internal.Listener;
import org.etalon.server.internal.ServerIdentity;
import org.etalon.server.memory.SharedRegions;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.TlsContext;

/**
 * Serves an engine over gRPC: inference, control, health and reflection. Thread-safe; borrows the
 * engine.
 *
 * <p>Calls are handled on the event loops themselves: none of them waits, and a hand-over to
 * another thread would cost more than the handling.
 */
public final class GrpcFront implements Listener {
  /** Room for large tensors in flight; smaller windows stall senders of megabytes. */
  private static final int FLOW_CONTROL_BYTES = 4 << 20;

  private static final int HEALTH_REFRESH_MILLIS = 1000;
  private static final int CLOSE_SECONDS = 5;

  private final Server server;
  private final EventLoops loops;
  private final HealthService health;
  private final ExecutorService executor;
  private final State state;

  /** Whether draining has begun; the services ask while the front is being built. */
  private static final class State {
    private volatile boolean isDraining;
    private final AtomicInteger connections = new AtomicInteger();
  }

  private GrpcFront(
      Server server,
      EventLoops loops,
      HealthService health,
      ExecutorService executor,
      State state) {
    this.server = server;
    this.loops = loops;
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
    return start(
        config, engine, identity, access, regions, observation, PooledByteBufAllocator.DEFAULT);
  }

  /** The same with the memory for all that is received from {@code allocator}. */
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
    EventLoops loops = EventLoops.open(config.eventLoops());
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
    Server server =
        builder(config, tls, loops, allocator)
            .intercept(new AccessInterceptor(access, executor))
            .addService(
                withInfer(
                    control,
                    InferMethods.with(allocator),
                    new UnaryInfer(engine, loops, access, regions),
                    new StreamInfer(engine, access, regions, config.limits().streamWindow())))
            .addService(health)
            .addTransportFilter(new ConnectionCount(state.connections))
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(olderReflection())
            .build();
    GrpcFront front = new GrpcFront(server, loops, health, executor, state);
    try {
      server.start();
    } catch (IOException e) {
      front.close();
      throw new IOException(
          "gRPC cannot listen on %s:%d (expected: a free port of this machine)"
              .formatted(config.host(), config.port()),
          e);
    }
    var _ =
        loops
            .group()
            .scheduleAtFixedRate(
                health::refresh,
                HEALTH_REFRESH_MILLIS,
                HEALTH_REFRESH_MILLIS,
                TimeUnit.MILLISECONDS);
    return front;
  }

  @SuppressWarnings("deprecation") // tools older than the stable version ask by this name
  private static BindableService olderReflection() {
    return ProtoReflectionService.newInstance();
  }

  private static NettyServerBuilder builder(
      GrpcConfig config, Optional<TlsContext> tls, EventLoops loops, ByteBufAllocator allocator) {
    GrpcLimits limits = config.limits();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(config.host(), config.port()))
            .channelType(loops.channel())
            .bossEventLoopGroup(loops.group())
            .workerEventLoopGroup(loops.group())
            .withChildOption(ChannelOption.ALLOCATOR, allocator)
            .directExecutor()
            .decompressorRegistry(
                DecompressorRegistry.getDefaultInstance().with(new DeflateCodec(), true))
            .flowControlWindow(FLOW_CONTROL_BYTES)
            .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
            .maxInboundMessageSize(limits.maxMessageBytes())
            .maxInboundMetadataSize(limits.maxMetadataBytes());
    tls.ifPresent(context -> builder.sslContext(context.renewing()));
    keepAlive(builder, config.keepAlive());
    return builder;
  }

  private static void keepAlive(NettyServerBuilder builder, KeepAlive times) {
    builder
        .keepAliveTime(times.pingInterval().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(times.pingTimeout().toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveTime(times.minClientInterval().toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveWithoutCalls(times.permitsWithoutCalls());
    times
        .maxAge()
        .ifPresent(age ->
            builder
                .maxConnectionAge(age.toNanos(), TimeUnit.NANOSECONDS)
                .maxConnectionAgeGrace(times.maxAgeGrace().toNanos(), TimeUnit.NANOSECONDS));
  }

  private static Optional<TlsContext> tls(GrpcConfig config) throws IOException {
    return config.tls().isEmpty()
        ? Optional.empty()
        : Optional.of(TlsContext.open(config.tls().get(), "h2", InstantSource.system()));
  }

  /** The control methods by their generated classes, the two that infer by ours. */
  private static ServerServiceDefinition withInfer(
      BindableService control, InferMethods own, UnaryInfer unary, StreamInfer stream) {
    ServerServiceDefinition generated = control.bindService();
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    methods.add(ServerMethodDefinition.create(own.infer(), unary));
    methods.add(ServerMethodDefinition.create(own.streamInfer(), stream));
    for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
      String name = method.getMethodDescriptor().getFullMethodName();
      if (!name.equals(own.infer().getFullMethodName())
          && !name.equals(own.streamInfer().getFullMethodName())) {
        methods.add(method);
      }
    }
    ServiceDescriptor.Builder service =
        ServiceDescriptor.newBuilder(generated.getServiceDescriptor().getName())
            .setSchemaDescriptor(generated.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> service.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(service.build());
    methods.forEach(definition::addMethod);
    return definition.build();
  }

  @Override
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  @Override
  public int connections() {
    return state.connections.get();
  }

  @Override
  public CompletableFuture<Void> drain() {
    state.isDraining = true;
    server.shutdown();
    health.drain();
    return CompletableFuture.runAsync(this::awaitTermination, executor);
  }

  private void awaitTermination() {
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      // The front is being closed, which ends all calls.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      loops.group().shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    executor.shutdownNow();
  }
}
