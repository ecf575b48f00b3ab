package ai.djl.engine;

/** What DJL's native library throws, which it finds by this name. */
public final class EngineException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public EngineException(String message) {
    super(message);
  }
}
