package org.etalon.server.observation;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.etalon.inference.InferenceRequest;
import org.etalon.inference.Parameter;
import org.jspecify.annotations.Nullable;

/** Which headers of a request become its parameters, as the operator chose. Immutable. */
public final class ForwardedHeaders {
  private static final ForwardedHeaders NONE = new ForwardedHeaders(null);

  private final @Nullable Pattern names;

  private ForwardedHeaders(@Nullable Pattern names) {
    this.names = names;
  }

  public static ForwardedHeaders none() {
    return NONE;
  }

  /**
   * @param pattern of the names, whose upper and lower case are the same; it may match a part of
   *     one
   * @throws IllegalArgumentException if it is no regular expression
   */
  public static ForwardedHeaders matching(String pattern) {
    if (pattern.isEmpty()) {
      return NONE;
    }
    try {
      return new ForwardedHeaders(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "header-forward-pattern: '%s': %s (expected: a regular expression)"
              .formatted(pattern, e.getDescription()),
          e);
    }
  }

  /** True if no header is forwarded, and {@link #addTo} need not be asked. */
  public boolean isNone() {
    return names == null;
  }

  /**
   * The request with those of its headers that match; a header stands above a parameter of its
   * name, since a proxy may have set it. Credentials are never forwarded.
   */
  public InferenceRequest addTo(
      InferenceRequest request, Iterable<Map.Entry<String, String>> headers) {
    if (names == null) {
      return request;
    }
    Map<String, Parameter> parameters = new HashMap<>(request.parameters());
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey();
      boolean isSecret = name.toLowerCase(Locale.ROOT).equals("authorization");
      if (!isSecret && names.matcher(name).find()) {
        parameters.put(name, new Parameter.Text(header.getValue()));
      }
    }
    return new InferenceRequest(
        request.model(),
        request.id(),
        request.inputs(),
        request.outputs(),
        parameters,
        request.sequence(),
        request.priority(),
        request.queueTimeout());
  }
}
