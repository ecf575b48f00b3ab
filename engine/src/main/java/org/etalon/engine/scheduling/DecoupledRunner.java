package org.etalon.engine.scheduling;

import java.util.ArrayList;
import java.util.List;
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
  public void run(ScheduledBatch batch) {
    long taken = System.nanoTime();
    List<DecoupledRequest> requests = new ArrayList<>(batch.requests().size());
    for (PendingRequest pending : batch.requests()) {
      AnswerStream stream =
          new AnswerStream(
              name, shape, pending, statistics, ledger, taken, () -> streams.ended(pending));
      streams.opened(pending, stream);
      requests.add(stream);
    }
    if (requests.isEmpty()) {
      return;
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
  }

  @Override
  public void close() {}
}
