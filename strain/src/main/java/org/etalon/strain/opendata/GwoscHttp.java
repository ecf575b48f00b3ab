package org.etalon.strain.opendata;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * GET requests with bounded answers and waits, every fault told in a user's words.
 *
 * <p>Redirects are followed, except from https to http. Owned by one thread.
 */
final class GwoscHttp implements Closeable {
  private static final int MAX_JSON_BYTES = 16 << 20;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);

  private final OpenDataConfig config;
  private final Pause pause;
  private final HttpClient client;
  private final StallGuard guard;

  GwoscHttp(OpenDataConfig config, Pause pause) {
    this.config = config;
    this.pause = pause;
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(config.connectTimeout())
            .build();
    guard = new StallGuard(config.requestTimeout());
  }

  /** One try of something that may be tried again. */
  interface Attempt<T> {
    T run() throws IOException;
  }

  /**
   * Runs {@code attempt} until it succeeds, fails for good, or the retries are used up; the last
   * failure is thrown.
   */
  <T> T withRetries(Attempt<T> attempt) throws IOException {
    for (int failures = 0; ; failures++) {
      try {
        return attempt.run();
      } catch (OpenDataException e) {
        if (!e.isWorthRetrying() || failures == config.retries()) {
          throw e;
        }
        pauseAfter(failures, e.retryAfter());
      }
    }
  }

  /** The body of a JSON answer, at most 16 MiB; retried. */
  byte[] json(URI url) throws IOException {
    return withRetries(() -> {
      try (HttpBody answer = open(url, Map.of("Accept", "application/json"), Set.of(200))) {
        byte[] body = answer.stream().readNBytes(MAX_JSON_BYTES + 1);
        if (body.length > MAX_JSON_BYTES) {
          throw new OpenDataException(
              Reason.BAD_ANSWER,
              "%s answered with more than %d MiB (expected: a JSON answer)"
                  .formatted(url, MAX_JSON_BYTES >> 20));
        }
        return body;
      }
    });
  }

  /**
   * Sends one GET, without retries, and returns once the answer's head is here; the caller closes
   * it.
   *
   * @param accepted the HTTP statuses to return; any other is thrown as what it means
   */
  HttpBody open(URI url, Map<String, String> headers, Set<Integer> accepted) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .timeout(config.requestTimeout())
            .header("User-Agent", "etalon")
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    HttpResponse<InputStream> response = send(request.build());
    HttpBody body = new HttpBody(response, guard.watch(response.body(), url));
    if (!accepted.contains(response.statusCode())) {
      body.close();
      throw refusal(url, response);
    }
    return body;
  }

  /** Drops all connections. */
  @Override
  public void close() {
    guard.close();
    client.shutdownNow();
    client.close();
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws IOException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted("while waiting for " + request.uri(), e);
    } catch (IOException | IllegalArgumentException | UncheckedIOException e) {
      throw explained(request.uri(), e);
    }
  }

  private OpenDataException explained(URI url, Exception e) {
    String host = "host '" + Words.hostAndPort(url) + "' ";
    if (hasCause(e, UnresolvedAddressException.class) || hasCause(e, UnknownHostException.class)) {
      return failed(Reason.UNREACHABLE, url, host + "does not resolve (no network?)", e);
    }
    if (e instanceof HttpConnectTimeoutException) {
      String limit = Words.seconds(config.connectTimeout());
      return failed(Reason.UNREACHABLE, url, host + "took no connection within " + limit, e);
    }
    if (e instanceof ConnectException || hasCause(e, NoRouteToHostException.class)) {
      return failed(Reason.UNREACHABLE, url, host + "took no connection: " + Words.why(e), e);
    }
    if (e instanceof SSLException) {
      return failed(
          Reason.UNREACHABLE, url, host + "gave no secure connection: " + Words.why(e), e);
    }
    if (e instanceof HttpTimeoutException) {
      String limit = Words.seconds(config.requestTimeout());
      return failed(Reason.TRANSFER, url, host + "did not begin to answer within " + limit, e);
    }
    if (hasCause(e, IllegalArgumentException.class) || hasCause(e, UncheckedIOException.class)) {
      // What the client makes of a redirect to nowhere, or to what is no address.
      return failed(Reason.BAD_ANSWER, url, host + "gave a malformed answer: " + Words.why(e), e);
    }
    return failed(Reason.TRANSFER, url, host + "broke the connection: " + Words.why(e), e);
  }

  private static OpenDataException refusal(URI url, HttpResponse<?> response) {
    int status = response.statusCode();
    String given = "host '" + url.getHost() + "' answered HTTP " + status;
    if (status == 404 || status == 410) {
      return failed(Reason.NOT_FOUND, url, given + " (not found)", null);
    }
    if (status == 408 || status == 429 || status >= 500) {
      Duration wait = Words.retryAfter(response.headers().firstValue("Retry-After").orElse(""));
      String message = message(url, given + " (it cannot serve this now)");
      return new OpenDataException(Reason.SERVER, message, null, wait);
    }
    if (status >= 300 && status < 400) {
      String target = response.headers().firstValue("Location").orElse("nowhere");
      return failed(
          Reason.BAD_ANSWER, url, given + ", a redirect that is not followed, to " + target, null);
    }
    return failed(
        status < 400 ? Reason.BAD_ANSWER : Reason.REFUSED, url, given + " (expected: 200)", null);
  }

  private void pauseAfter(int failures, Duration serverWishes) throws IOException {
    Duration own = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10));
    Duration wanted = own.compareTo(serverWishes) > 0 ? own : serverWishes;
    try {
      pause.pause(wanted.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : wanted);
    } catch (InterruptedException e) {
      throw interrupted("between two attempts", e);
    }
  }

  private static InterruptedIOException interrupted(String when, InterruptedException cause) {
    Thread.currentThread().interrupt();
    InterruptedIOException interrupted = new InterruptedIOException("interrupted " + when);
    interrupted.initCause(cause);
    return interrupted;
  }

  private static boolean hasCause(Throwable error, Class<? extends Throwable> type) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static OpenDataException failed(
      Reason reason, URI url, String why, @Nullable Throwable cause) {
    return new OpenDataException(reason, message(url, why), cause);
  }

  private static String message(URI url, String why) {
    return "could not get " + url + ": " + why;
  }
}
