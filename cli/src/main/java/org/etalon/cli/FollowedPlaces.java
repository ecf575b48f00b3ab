package org.etalon.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.etalon.strain.feed.Feed;
import org.etalon.strain.feed.FrameDelivery;
import org.etalon.strain.source.LiveListener;
import org.jspecify.annotations.Nullable;

/**
 * Where live frames appear: folders as they were given, and for feeds' addresses such as {@code
 * kafka://HOST:PORT/TOPIC} folders of the machine's temporary files, into which they are delivered.
 * An address given twice is delivered once. Owned by the thread that makes it, which is interrupted
 * if a feed fails.
 */
final class FollowedPlaces implements AutoCloseable {
  private final LiveListener listener;
  private final Thread owner = Thread.currentThread();
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private final Map<String, Delivered> delivered = new LinkedHashMap<>();

  private record Delivered(Path folder, FrameDelivery delivery) {}

  FollowedPlaces(LiveListener listener) {
    this.listener = listener;
  }

  /**
   * The folder in which an argument's frames appear.
   *
   * @throws IOException if it is an address and nobody answers there
   */
  Path folder(String argument) throws IOException {
    if (!Feed.isAddress(argument)) {
      return Path.of(argument);
    }
    Delivered known = delivered.get(argument);
    if (known == null) {
      known = deliver(argument);
      delivered.put(argument, known);
    }
    return known.folder;
  }

  private Delivered deliver(String argument) throws IOException {
    URI address;
    try {
      address = URI.create(argument);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s: %s".formatted(argument, e.getMessage()), e);
    }
    Feed feed = Feed.of(address);
    Path folder = Files.createTempDirectory("etalon-frames-");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder))); // for SIGTERM
    return new Delivered(folder, feed.frames(address, folder, listener, this::fail));
  }

  private void fail(IOException reason) {
    failure.compareAndSet(null, reason);
    owner.interrupt();
  }

  /** Why the owner was interrupted. */
  IOException failure(InterruptedException interrupted) {
    IOException reason = failure.get();
    return reason != null
        ? reason
        : (IOException) new InterruptedIOException("interrupted").initCause(interrupted);
  }

  /** All results from strain before an instant are written. */
  void done(long gpsNs) {
    delivered.values().forEach(each -> each.delivery.done(gpsNs));
  }

  @Override
  public void close() {
    for (Delivered each : delivered.values()) {
      each.delivery.close();
      delete(each.folder);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (NoSuchFileException _) {
      // deleted already
    } catch (IOException e) {
      System.err.println("etalon: not deleted: " + folder + ": " + e.getMessage());
    }
  }
}
