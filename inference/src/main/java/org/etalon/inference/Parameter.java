package org.etalon.inference;

/** The value of a request's, response's or tensor's parameter, in the protocol's five forms. */
public sealed interface Parameter {
  record Bool(boolean value) implements Parameter {}

  record Int64(long value) implements Parameter {}

  /** An unsigned number; read it with {@link Long}'s unsigned methods. */
  record Uint64(long value) implements Parameter {}

  record Text(String value) implements Parameter {}

  record Real(double value) implements Parameter {}
}
