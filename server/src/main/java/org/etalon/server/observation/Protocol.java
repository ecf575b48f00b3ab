package org.etalon.server.observation;

/** By what a request came. */
public enum Protocol {
  GRPC,
  HTTP
}
