package org.etalon.server.http;

import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Set;
import org.etalon.server.security.Right;

/** Which right a path needs. A path that is not known here needs the greatest. */
final class RouteRights {
  private static final Set<String> INFERENCE = Set.of("infer", "generate", "generate_stream");
  private static final Set<String> MEMORY = Set.of("register", "unregister");
  private static final Set<String> SETTINGS = Set.of("setting", "logging");
  private static final Set<String> READ =
      Set.of("v2", "stats", "config", "index", "status", "{model}", "{version}");

  private RouteRights() {}

  /**
   * @param pattern a route's segments
   */
  static Right of(List<String> pattern, HttpMethod method) {
    String last = pattern.getLast();
    if (pattern.contains("health") || last.equals("ready")) {
      return Right.HEALTH;
    }
    if (INFERENCE.contains(last) || MEMORY.contains(last)) {
      return Right.INFER;
    }
    boolean isSettingRead = SETTINGS.contains(last) && !method.equals(HttpMethod.POST);
    return READ.contains(last) || isSettingRead ? Right.READ : Right.CONTROL;
  }
}
