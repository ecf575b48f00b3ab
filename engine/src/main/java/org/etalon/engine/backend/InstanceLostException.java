package org.etalon.engine.backend;

/**
 * The process that ran an instance has ended, and with it what it was running. Nothing is known of
 * whether a request in it was the cause, so each may be run once more, alone. The instance stays
 * usable: it is made anew elsewhere.
 */
public final class InstanceLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message how the process ended, and whose it was
   */
  public InstanceLostException(String message) {
    super(message);
  }
}
