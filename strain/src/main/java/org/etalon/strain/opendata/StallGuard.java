package org.etalon.strain.opendata;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Ends reads of an answer's body that wait too long for the next bytes.
 *
 * <p>{@code HttpRequest.timeout} ends with the answer's head: without this a server that stops in
 * the middle of a file would be waited for without end.
 */
final class StallGuard implements Closeable {
  private final Duration patience;
  private final ScheduledThreadPoolExecutor alarms;

  StallGuard(Duration patience) {
    this.patience = patience;
    alarms =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("gwosc-stall-guard").factory());
    alarms.setRemoveOnCancelPolicy(true);
  }

  /** The same bytes; a cut or stalled read fails with {@link Reason#TRANSFER}. */
  InputStream watch(InputStream body, URI url) {
    return new WatchedStream(body, url);
  }

  @Override
  public void close() {
    alarms.shutdownNow();
  }

  private final class WatchedStream extends FilterInputStream {
    private final URI url;
    private volatile boolean isStalled;

    WatchedStream(InputStream body, URI url) {
      super(body);
      this.url = url;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      ScheduledFuture<?> alarm =
          alarms.schedule(this::giveUp, patience.toNanos(), TimeUnit.NANOSECONDS);
      try {
        int read = in.read(into, offset, length);
        // Closing the stream may also look like its end: bytes would silently be missing.
        if (read < 0 && isStalled) {
          throw broken(null);
        }
        return read;
      } catch (OpenDataException e) {
        throw e;
      } catch (IOException e) {
        throw broken(e);
      } finally {
        alarm.cancel(false);
      }
    }

    private void giveUp() {
      isStalled = true;
      try {
        in.close();
      } catch (IOException e) {
        // The reading thread finds the stream broken, and says so.
      }
    }

    private OpenDataException broken(@Nullable IOException cause) {
      String why =
          isStalled
              ? "sent nothing for " + Words.seconds(patience)
              : "cut the connection before the end of the answer";
      return new OpenDataException(
          Reason.TRANSFER,
          "could not get all of " + url + ": host '" + url.getHost() + "' " + why,
          cause);
    }
  }
}
