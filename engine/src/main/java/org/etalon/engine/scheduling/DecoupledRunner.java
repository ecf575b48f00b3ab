package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.etalon.engine.backend.DecoupledRequest;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.inference.ServingException;

/**
 * Hands requests to an instance of a decoupled model, which answers them when it likes. Owned by
 * the thread that runs the instance.
 */
final class DecoupledRunner implements InstanceRunner {
  private final VersionName name;
  private final ModelShape shape;
  private final ModelInstance instance;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final OpenStreams streams;

  DecoupledRunner(
      VersionName name,
      ModelShape shape,
      ModelInstance instance,
      VersionStatistics statistics,
      RequestLedger ledger,
      OpenStreams streams) {
    this.name = name;
    this.shape = shape;
    this.instance = instance;
    this.statistics = statistics;
    this.ledger = ledger;
    this.streams = streams;
  }

  @Override
  public boolean run(ScheduledBatch batch, Runnable onLaterDone) {
    if (!batch.hasRequests()) {
      return true;
    }
    long taken = System.nanoTime();
    AtomicInteger open = new AtomicInteger(batch.requests().size());
    List<DecoupledRequest> requests = new ArrayList<>(batch.requests().size());
    for (PendingRequest pending : batch.requests()) {
      Runnable onEnd =
          () -> {
            streams.ended(pending);
            if (open.decrementAndGet() == 0) {
              onLaterDone.run();
            }
          };
      AnswerStream stream =
          new AnswerStream(name, shape, pending, statistics, ledger, taken, onEnd);
      streams.opened(pending, stream);
      requests.add(stream);
    }
    statistics.begun();
    try {
      instance.execute(requests);
    } catch (ServingException e) {
      requests.forEach(request -> request.fail(e));
    } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
      ServingException failure = ServingException.internal("model '%s': %s".formatted(name, e), e);
      requests.forEach(request -> request.fail(failure));
    }
    return false;
  }

  @Override
  public void close() {}
}
