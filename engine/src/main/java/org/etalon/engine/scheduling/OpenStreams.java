package org.etalon.engine.scheduling;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.etalon.inference.ServingException;

/** The requests of a decoupled model that are being answered. Thread-safe. */
final class OpenStreams {
  private final Map<PendingRequest, AnswerStream> open = new ConcurrentHashMap<>();

  void opened(PendingRequest request, AnswerStream stream) {
    open.put(request, stream);
  }

  void ended(PendingRequest request) {
    open.remove(request);
  }

  /** Its asker takes answers again; does nothing before it is answered and after. */
  void resume(PendingRequest request) {
    AnswerStream stream = open.get(request);
    if (stream != null) {
      stream.deliver();
    }
  }

  void giveUp(PendingRequest request, ServingException cause) {
    AnswerStream stream = open.get(request);
    if (stream != null) {
      stream.giveUp(cause);
    }
  }

  void giveUpAll(ServingException cause) {
    open.values().forEach(stream -> stream.giveUp(cause));
  }
}
