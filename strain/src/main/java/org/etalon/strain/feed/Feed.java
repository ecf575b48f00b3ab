package org.etalon.strain.feed;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.etalon.strain.source.LiveListener;

/** A technology by which live frames come and alerts go; found by {@link ServiceLoader}. */
public interface Feed {
  /** The scheme of its addresses, such as {@code kafka}. */
  String scheme();

  /**
   * Brings frames into a folder as they come.
   *
   * @param folder there, and nobody else's
   * @param listener told of messages that are no frames, on the feed's thread
   * @param onFailure told, on the feed's thread, if no more can come
   * @throws IOException if the address is wrong or nobody answers there
   */
  FrameDelivery frames(
      URI address, Path folder, LiveListener listener, Consumer<IOException> onFailure)
      throws IOException;

  /**
   * Opens where alerts go.
   *
   * @throws IOException if the address is wrong or nobody answers there
   */
  AlertSink alerts(URI address) throws IOException;

  /** Whether an argument is a feed's address rather than a file's name. */
  static boolean isAddress(String argument) {
    return argument.matches("[A-Za-z][A-Za-z0-9+.-]*://.*");
  }

  /**
   * The feed that an address names.
   *
   * @throws IOException if there is none of its scheme; lists those there are
   */
  static Feed of(URI address) throws IOException {
    List<String> known = new ArrayList<>();
    for (Feed feed : ServiceLoader.load(Feed.class)) {
      if (feed.scheme().equals(address.getScheme())) {
        return feed;
      }
      known.add(feed.scheme() + "://");
    }
    throw new IOException("%s: no such feed (expected one of: %s)".formatted(address, known));
  }
}
