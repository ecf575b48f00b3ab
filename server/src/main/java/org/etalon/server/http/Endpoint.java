package org.etalon.server.http;

/** What stands behind a path. Called on the connection's event loop, unless it says it is slow. */
@FunctionalInterface
interface Endpoint {
  /**
   * Answers now or later; a {@link org.etalon.inference.ServingException} thrown is the answer too.
   */
  void handle(Exchange exchange, PathVariables path);
}
