package org.etalon.server.grpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;

/**
 * The threads that read and write connections: on Linux's epoll where its native library loads,
 * else on the JDK's selectors.
 *
 * @param channel the kind of server socket that these threads serve
 */
record EventLoops(EventLoopGroup group, Class<? extends ServerChannel> channel) {
  static EventLoops open(int threads) {
    var names = new DefaultThreadFactory("etalon-grpc", true);
    return Epoll.isAvailable()
        ? new EventLoops(
            new MultiThreadIoEventLoopGroup(threads, names, EpollIoHandler.newFactory()),
            EpollServerSocketChannel.class)
        : new EventLoops(
            new MultiThreadIoEventLoopGroup(threads, names, NioIoHandler.newFactory()),
            NioServerSocketChannel.class);
  }

  /**
   * Runs an action when the calling event loop has read all connections that had something; at once
   * where the caller is another thread.
   */
  void afterReading(Runnable action) {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        loop.execute(action);
        return;
      }
    }
    action.run();
  }
}
