package org.etalon.server.observation;

import java.util.Map;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;

/**
 * The log of the program that a server runs in: whoever owns the program's logging implements it.
 * Thread-safe.
 */
public interface LogControl {
  LogSettings settings();

  /**
   * Changes some settings, all or none.
   *
   * @param changes by the protocol's names
   * @return all settings from now on
   * @throws ServingException INVALID_ARGUMENT if a change is not possible
   */
  LogSettings change(Map<String, Parameter> changes);

  /** Of a program that logs as it likes: what is asked for is refused. */
  static LogControl fixed() {
    return Fixed.INSTANCE;
  }

  /** See {@link #fixed}. */
  enum Fixed implements LogControl {
    INSTANCE;

    @Override
    public LogSettings settings() {
      return LogSettings.standard();
    }

    @Override
    public LogSettings change(Map<String, Parameter> changes) {
      if (changes.isEmpty()) {
        return settings();
      }
      throw new ServingException(
          ErrorCode.UNIMPLEMENTED,
          "log settings: this server's log belongs to the program around it (expected: set there)");
    }
  }
}
