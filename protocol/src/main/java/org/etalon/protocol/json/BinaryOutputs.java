package org.etalon.protocol.json;

import java.util.Set;

/**
 * Which outputs a request wants as raw bytes behind the JSON.
 *
 * @param isEvery true if it named no outputs and asked for all in binary
 * @param names those it named and asked for in binary
 */
public record BinaryOutputs(boolean isEvery, Set<String> names) {
  /** Everything in JSON. */
  public static final BinaryOutputs NONE = new BinaryOutputs(false, Set.of());

  /** Everything in binary. */
  public static final BinaryOutputs EVERY = new BinaryOutputs(true, Set.of());

  public BinaryOutputs {
    names = Set.copyOf(names);
  }

  public boolean contains(String output) {
    return isEvery || names.contains(output);
  }
}
