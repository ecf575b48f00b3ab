package org.etalon.inference;

import java.util.OptionalLong;

/**
 * Which model is meant.
 *
 * @param name its directory in the repository
 * @param version one of its versions; empty: the highest that is ready
 */
public record ModelId(String name, OptionalLong version) {
  public ModelId {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("model name: empty (expected: the name of a model)");
    }
  }

  /** The highest ready version of a model. */
  public static ModelId of(String name) {
    return new ModelId(name, OptionalLong.empty());
  }

  public static ModelId of(String name, long version) {
    return new ModelId(name, OptionalLong.of(version));
  }

  /** {@code bbh} or {@code bbh/2}. */
  @Override
  public String toString() {
    return version.isPresent() ? name + "/" + version.getAsLong() : name;
  }
}
