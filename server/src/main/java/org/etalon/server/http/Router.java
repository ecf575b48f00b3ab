package org.etalon.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.Right;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what stands behind a request's path, asks whether the client has the right to it, and sees
 * that the request is answered. Immutable.
 */
final class Router {
  private static final Logger LOG = LoggerFactory.getLogger(Router.class);
  private static final int MAX_SEGMENTS = 16;

  private final List<Route> routes;
  private final AccessControl access;

  /**
   * @param routes tried in this order
   */
  Router(List<Route> routes, AccessControl access) {
    this.routes = List.copyOf(routes);
    this.access = access;
  }

  /** What is to be done for one request. */
  record Task(boolean isSlow, Runnable run) {}

  /** Finds what to do; running it answers the exchange, if only with an error. */
  Task find(Exchange exchange) {
    try {
      List<String> path = segments(exchange.request().uri());
      for (Route route : routes) {
        Optional<PathVariables> variables = route.match(path);
        if (variables.isPresent() && route.methods().contains(exchange.request().method())) {
          return task(route, exchange, variables.get());
        }
      }
      Answer refusal = refusal(exchange, path);
      return new Task(false, () -> exchange.answer(refusal));
    } catch (ServingException e) {
      return new Task(false, () -> exchange.answer(Answer.error(e)));
    }
  }

  private Task task(Route route, Exchange exchange, PathVariables path) {
    String authorization = exchange.headers().get(HttpHeaderNames.AUTHORIZATION);
    Right right = RouteRights.of(route.pattern(), exchange.request().method());
    boolean isSlow = route.isSlow() || !access.isImmediate(authorization);
    return new Task(
        isSlow,
        () ->
            guard(
                exchange,
                () -> {
                  access.check(authorization, right, path.values().get("model"));
                  route.endpoint().handle(exchange, path);
                }));
  }

  private Answer refusal(Exchange exchange, List<String> path) {
    var allowed = new TreeSet<String>();
    for (Route route : routes) {
      if (route.match(path).isPresent()) {
        route.methods().forEach(method -> allowed.add(method.name()));
      }
    }
    return allowed.isEmpty() ? notFound(exchange) : notAllowed(exchange, allowed);
  }

  /** Runs {@code action}; what it throws answers the exchange. */
  static void guard(Exchange exchange, Runnable action) {
    try {
      action.run();
    } catch (ServingException e) {
      exchange.answer(Answer.error(e));
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("{} {} failed", exchange.request().method(), exchange.request().uri(), e);
      exchange.answer(
          Answer.error(new ServingException(ErrorCode.INTERNAL, "internal error: " + e)));
    }
  }

  private static Answer notFound(Exchange exchange) {
    return Answer.error(
        HttpResponseStatus.NOT_FOUND,
        "no such path: '%s' (expected: one under /v2)".formatted(exchange.request().uri()));
  }

  private static Answer notAllowed(Exchange exchange, Set<String> allowed) {
    Answer.Ready answer =
        Answer.error(
            HttpResponseStatus.METHOD_NOT_ALLOWED,
            "Method Not Allowed: %s (expected: %s)"
                .formatted(exchange.request().method(), String.join(" or ", allowed)));
    answer.response().headers().set(HttpHeaderNames.ALLOW, String.join(", ", allowed));
    return answer;
  }

  private static List<String> segments(String uri) {
    int end = uri.indexOf('?');
    String path = end < 0 ? uri : uri.substring(0, end);
    int scheme = path.indexOf("://");
    if (scheme > 0) { // absolute form, as sent to a proxy
      int root = path.indexOf('/', scheme + 3);
      path = root < 0 ? "/" : path.substring(root);
    }
    List<String> segments = new ArrayList<>(6);
    int start = path.startsWith("/") ? 1 : 0;
    while (start < path.length() && segments.size() < MAX_SEGMENTS) {
      int slash = path.indexOf('/', start);
      int stop = slash < 0 ? path.length() : slash;
      segments.add(decode(path.substring(start, stop)));
      start = stop + 1;
    }
    return segments;
  }

  private static String decode(String segment) {
    if (segment.indexOf('%') < 0) {
      return segment;
    }
    try {
      // In a path, unlike in a form, a plus is a plus.
      return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ServingException.invalid(
          "path segment '%s': %s (expected: %%XX with two hexadecimal digits)"
              .formatted(segment, e.getMessage()));
    }
  }
}
