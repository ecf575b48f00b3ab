package org.etalon.strain.opendata;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An answer whose head has arrived.
 *
 * @param response its status and headers
 * @param stream its body, which fails rather than stall; closed with this record
 */
record HttpBody(HttpResponse<?> response, InputStream stream) implements Closeable {
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/(?:[0-9]{1,18}|\\*)");

  int status() {
    return response.statusCode();
  }

  OptionalLong length() {
    return response.headers().firstValueAsLong("Content-Length");
  }

  /** Where in the file a partial answer (HTTP 206) begins. */
  OptionalLong rangeStart() {
    String header = response.headers().firstValue("Content-Range").orElse("");
    Matcher matcher = CONTENT_RANGE.matcher(header);
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /**
   * What a later {@code If-Range} may name, so that a file which has changed is not spliced: a
   * strong ETag, else the date of the last change (RFC 9110, 13.1.5).
   */
  Optional<String> validator() {
    return response
        .headers()
        .firstValue("ETag")
        .filter(tag -> tag.startsWith("\""))
        .or(() -> response.headers().firstValue("Last-Modified"));
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
