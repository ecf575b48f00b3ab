package org.etalon.protocol.wire;

import java.util.OptionalLong;
import org.etalon.inference.ServingException;

/** A model's version as the protocol writes it: a number as text, or an empty text. */
public final class ModelVersionText {
  private ModelVersionText() {}

  /**
   * The version that a text names; empty for the empty text, which leaves the choice to the server.
   *
   * @throws ServingException INVALID_ARGUMENT if it is not a whole number above 0
   */
  public static OptionalLong parse(String text) {
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      long version = Long.parseLong(text);
      if (version > 0) {
        return OptionalLong.of(version);
      }
    } catch (NumberFormatException notANumber) {
      // Falls through to the one refusal for all that is no version.
    }
    throw ServingException.invalid(
        "failed to get model version from specified version string '%s', version should be an integral value > 0"
            .formatted(text));
  }
}
