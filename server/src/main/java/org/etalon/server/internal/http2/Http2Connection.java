package org.etalon.server.internal.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.collection.IntObjectHashMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: the last handler of its channel, owned by its event loop.
 *
 * <p>A fault of the client ends its stream or, where the protocol says so, its connection, and
 * nothing else.
 */
public final class Http2Connection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Connection.class);

  /** New streams are refused while more than this waits for the client to read. */
  private static final long MAX_WAITING_BYTES = 64L << 20;

  /** How long a client may take to read why its connection ends, or that it is to end it. */
  private static final long LINGER_MILLIS = 1_000;

  private static final long DRAIN_PING = 0x647261696eL;

  private final Channel channel;
  private final Http2Limits limits;
  private final Http2Service service;
  private final HeaderBlocks headers;
  private final FrameReader reader;
  private final Output output;
  private final FloodGuard flood;
  private final Liveness liveness;
  private final ClosedStreams closed = new ClosedStreams();
  private final IntObjectHashMap<Http2Stream> streams = new IntObjectHashMap<>();
  private int lastStreamId;
  private int peerWindow = Http2CodecUtil.DEFAULT_WINDOW_SIZE;
  private long receiveWindow;
  private int uncredited;
  private boolean isReading;
  private boolean isFlushPlanned;
  private boolean isDraining;
  private boolean takesNoMore;
  private boolean isEnding;
  private boolean isClosed;

  public Http2Connection(Channel channel, Http2Limits limits, Http2Service service) {
    this.channel = channel;
    this.limits = limits;
    this.service = service;
    this.headers = new HeaderBlocks(limits.maxHeaderBytes(), channel.alloc());
    this.flood =
        new FloodGuard(limits.minClientPingInterval().toNanos(), limits.permitsIdlePings());
    this.reader = new FrameReader(new FrameRules(this, headers, flood), channel.alloc());
    this.output = new Output(channel, flood);
    this.liveness = new Liveness(limits, this);
    this.receiveWindow = limits.connectionWindow();
  }

  Http2Limits limits() {
    return limits;
  }

  Output output() {
    return output;
  }

  ClosedStreams closed() {
    return closed;
  }

  EventLoop eventLoop() {
    return channel.eventLoop();
  }

  int lastStreamId() {
    return lastStreamId;
  }

  /** The client has said that it speaks HTTP/2. */
  void shaken() {
    liveness.shaken();
  }

  boolean isIdle() {
    return streams.isEmpty();
  }

  @Nullable Http2Stream stream(int id) {
    return streams.get(id);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    output.settings(
        Http2CodecUtil.SETTINGS_MAX_CONCURRENT_STREAMS,
        limits.maxStreams(),
        Http2CodecUtil.SETTINGS_INITIAL_WINDOW_SIZE,
        limits.streamWindow(),
        Http2CodecUtil.SETTINGS_MAX_HEADER_LIST_SIZE,
        limits.maxHeaderBytes());
    output.windowUpdate(0, limits.connectionWindow() - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
    output.flush();
    liveness.begin();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf input = (ByteBuf) message;
    isReading = true;
    liveness.heard();
    try {
      if (!isEnding) {
        reader.read(input);
      }
    } catch (Http2Fault e) {
      end(e);
    } finally {
      input.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    isReading = false;
    output.flush();
  }

  /** What was collected leaves when all that is to be done now is done. */
  void flushSoon() {
    if (!isReading && !isFlushPlanned && !isClosed) {
      isFlushPlanned = true;
      eventLoop().execute(this::flushPlanned);
    }
  }

  private void flushPlanned() {
    isFlushPlanned = false;
    if (!isClosed) {
      output.flush();
    }
  }

  /** A client's request; the first of its frames has been read. */
  void open(int id, boolean endsStream, Http2Headers decoded) throws Http2Fault {
    lastStreamId = id;
    if (takesNoMore
        || streams.size() >= limits.maxStreams()
        || output.waitingBytes() > MAX_WAITING_BYTES) {
      closed.add(id, true);
      throw Http2Fault.ofStream(id, Http2Error.REFUSED_STREAM, "too many streams");
    }
    Http2Stream stream = new Http2Stream(this, id, peerWindow, limits.streamWindow());
    try {
      RequestRules.check(stream, decoded);
    } catch (Http2Fault e) {
      closed.add(id, true);
      throw e;
    }
    streams.put(id, stream);
    if (endsStream) {
      stream.clientEnds();
    }
    stream.listener(service.open(stream, decoded));
    if (endsStream) {
      stream.listener().onEnd();
    }
  }

  /** Accounts for data that has come, with its padding. */
  void received(int bytes) throws Http2Fault {
    receiveWindow -= bytes;
    if (receiveWindow < 0) {
      throw Http2Fault.ofConnection(
          Http2Error.FLOW_CONTROL_ERROR, "more data than the connection's window");
    }
  }

  /** Lets the client send so many bytes more. */
  void credit(int bytes) {
    uncredited += bytes;
    if (uncredited >= limits.connectionWindow() / 2 && !isClosed) {
      output.windowUpdate(0, uncredited);
      receiveWindow += uncredited;
      uncredited = 0;
      flushSoon();
    }
  }

  /** The client's setting for the windows of its streams, also of those that are open. */
  void peerWindow(int bytes) throws Http2Fault {
    int difference = bytes - peerWindow;
    peerWindow = bytes;
    for (Http2Stream stream : streams.values()) {
      try {
        stream.grow(difference);
      } catch (Http2Fault e) {
        throw Http2Fault.ofConnection(e.error(), String.valueOf(e.getMessage()));
      }
    }
  }

  /** A stream's answer has been written to its end. */
  void answered(Http2Stream stream) {
    flood.answered();
    if (!stream.hasClientEnded()) { // what the client still wanted to send is not wanted
      output.reset(stream.id(), Http2Error.NO_ERROR);
    }
    remove(stream, !stream.hasClientEnded());
  }

  private void remove(Http2Stream stream, boolean isEndedHereFirst) {
    streams.remove(stream.id());
    closed.add(stream.id(), isEndedHereFirst);
    credit(stream.remove());
    if (takesNoMore && streams.isEmpty()) {
      closeGently();
    }
  }

  /** A fault on one stream. */
  void reset(int id, Http2Error error) {
    output.reset(id, error);
    flushSoon();
    Http2Stream stream = streams.get(id);
    if (stream != null) {
      gone(stream, true);
    }
  }

  void resetByClient(int id) {
    Http2Stream stream = streams.get(id);
    if (stream != null) {
      gone(stream, false);
    }
  }

  private void gone(Http2Stream stream, boolean isEndedHereFirst) {
    stream.abandon();
    remove(stream, isEndedHereFirst);
    stream.listener().onGone();
  }

  void pingAnswered(long content) {
    if (content == DRAIN_PING && isDraining) {
      takeNoMore();
    }
  }

  /**
   * Tells the client to go elsewhere with new streams, and ends when those that it has are answered
   * (RFC 9113, section 6.8): first without a limit, since some may be on their way.
   */
  public void drain() {
    if (isDraining || isClosed) {
      return;
    }
    isDraining = true;
    goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, "");
    output.ping(DRAIN_PING, false);
    output.flush();
    var _ = eventLoop().schedule(this::takeNoMore, LINGER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void takeNoMore() {
    if (takesNoMore || isClosed) {
      return;
    }
    takesNoMore = true;
    goAway(lastStreamId, Http2Error.NO_ERROR, "");
    flushSoon();
    if (streams.isEmpty()) {
      closeGently();
    }
  }

  private void goAway(int last, Http2Error error, String text) {
    output.goAway(last, error, text.getBytes(StandardCharsets.UTF_8));
  }

  private void end(Http2Fault fault) {
    LOG.debug("connection {} is closed: {}: {}", channel, fault.error(), fault.getMessage());
    isEnding = true;
    goAway(lastStreamId, fault.error(), String.valueOf(fault.getMessage()));
    closeGently();
  }

  /**
   * Lets the client read what was written: closing at once, with input that is not read, would
   * reset the connection and lose it.
   */
  private void closeGently() {
    isEnding = true;
    output.flush();
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    ChannelFuture half =
        tls == null ? ((DuplexChannel) channel).shutdownOutput() : tls.closeOutbound();
    half.addListener(_ -> {
      var _ = eventLoop().schedule(this::close, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    });
  }

  void close() {
    var _ = channel.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    output.pump();
    flushSoon();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("connection {} broke", channel, cause);
    } else {
      LOG.warn("connection {} is closed after a fault", channel, cause);
    }
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    isClosed = true;
    liveness.stop();
    reader.close();
    headers.close();
    for (Http2Stream stream : List.copyOf(streams.values())) {
      stream.abandon();
      stream.listener().onGone();
    }
    streams.clear();
    output.close();
  }

  @Override
  public String toString() {
    return "HTTP/2 connection of " + channel.remoteAddress();
  }
}
