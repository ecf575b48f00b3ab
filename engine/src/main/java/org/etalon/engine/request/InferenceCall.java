package org.etalon.engine.request;

/** A request under way. */
@FunctionalInterface
public interface InferenceCall {
  /**
   * Asks the engine to give up. A request still waiting is dropped and its handler told CANCELLED;
   * one that an instance is running finishes. Does nothing once the request is answered.
   */
  void cancel();

  /** The handler, which was not, is {@linkplain ResponseHandler#isReady ready} again. */
  default void resume() {}
}
