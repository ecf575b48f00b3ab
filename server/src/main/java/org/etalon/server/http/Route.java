package org.etalon.server.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path and what stands behind it.
 *
 * @param methods those that it takes
 * @param pattern its segments; one in braces stands for any
 * @param isSlow true if its endpoint may block, and so runs on a virtual thread
 */
record Route(List<HttpMethod> methods, List<String> pattern, boolean isSlow, Endpoint endpoint) {
  Route {
    methods = List.copyOf(methods);
    pattern = List.copyOf(pattern);
  }

  /** Answers GET, and HEAD without the body. */
  static Route get(String path, Endpoint endpoint) {
    return new Route(List.of(HttpMethod.GET, HttpMethod.HEAD), segments(path), false, endpoint);
  }

  static Route post(String path, Endpoint endpoint) {
    return new Route(List.of(HttpMethod.POST), segments(path), false, endpoint);
  }

  static Route slowPost(String path, Endpoint endpoint) {
    return new Route(List.of(HttpMethod.POST), segments(path), true, endpoint);
  }

  static Route getOrPost(String path, Endpoint endpoint) {
    return new Route(List.of(HttpMethod.GET, HttpMethod.POST), segments(path), false, endpoint);
  }

  private static List<String> segments(String path) {
    return List.of(path.split("/"));
  }

  /** The variable segments of a path of this pattern; empty if it has another. */
  Optional<PathVariables> match(List<String> path) {
    if (path.size() != pattern.size()) {
      return Optional.empty();
    }
    Map<String, String> values = HashMap.newHashMap(2);
    for (int i = 0; i < path.size(); i++) {
      String expected = pattern.get(i);
      if (expected.startsWith("{")) {
        values.put(expected.substring(1, expected.length() - 1), path.get(i));
      } else if (!expected.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(new PathVariables(values));
  }
}
