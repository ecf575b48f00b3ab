package org.etalon.server.observation;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a request is a part of, as its client tells.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 of them
 * @param isSampled whether the client records it
 * @see <a href="https://www.w3.org/TR/trace-context/#traceparent-header">W3C Trace Context 3.2</a>
 */
public record TraceParent(String traceId, String spanId, boolean isSampled) {
  /** The header that tells it. */
  public static final String HEADER = "traceparent";

  private static final int MAX_CHARS = 512;
  private static final Pattern FORM =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

  /** Empty if there is none, or not in that form: then the trace begins here. */
  public static Optional<TraceParent> of(@Nullable String header) {
    if (header == null || header.length() > MAX_CHARS) {
      return Optional.empty();
    }
    Matcher match = FORM.matcher(header.strip());
    if (!match.matches()) {
      return Optional.empty();
    }
    boolean isSampled = (Integer.parseInt(match.group(3), 16) & 1) == 1;
    return Optional.of(new TraceParent(match.group(1), match.group(2), isSampled));
  }
}
