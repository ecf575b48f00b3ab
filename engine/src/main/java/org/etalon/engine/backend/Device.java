package org.etalon.engine.backend;

import java.util.Locale;

/**
 * Something that can run a model.
 *
 * @param kind what it is
 * @param index which of its kind, from 0
 */
public record Device(Kind kind, int index) {
  /** The processor. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /** Kinds of device, as {@code instance_group} and {@code --devices} name them. */
  public enum Kind {
    CPU,
    CUDA
  }

  public Device {
    if (index < 0) {
      throw new IllegalArgumentException("device index: " + index + " (expected: 0 or more)");
    }
  }

  /** {@code cpu} or {@code cuda:0}. */
  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return kind == Kind.CPU ? name : name + ":" + index;
  }
}
