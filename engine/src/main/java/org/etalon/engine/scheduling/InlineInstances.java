package org.etalon.engine.scheduling;

import org.etalon.engine.backend.BackendModel;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.ModelInstance;
import org.etalon.engine.backend.OutputMemory;
import org.etalon.engine.status.ModelStatistics.FailureReason;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the instances of a model that runs inline. Thread-safe; each instance it makes is used by
 * one thread at a time.
 */
final class InlineInstances implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InlineInstances.class);

  private final VersionName name;
  private final BackendModel model;
  private final ModelShape shape;
  private final SequenceTensors sequences;
  private final VersionStatistics statistics;
  private final RequestLedger ledger;
  private final OutputMemory.Pool outputs = new OutputMemory.Pool();

  InlineInstances(
      VersionName name,
      BackendModel model,
      ModelShape shape,
      SequenceTensors sequences,
      VersionStatistics statistics,
      RequestLedger ledger) {
    this.name = name;
    this.model = model;
    this.shape = shape;
    this.sequences = sequences;
    this.statistics = statistics;
    this.ledger = ledger;
  }

  /** An instance, and how requests are run on it. */
  record InlineInstance(ModelInstance instance, BatchRunner runner) {
    /** A close that fails is told and hinders nobody. */
    void close() {
      try {
        instance.close();
      } catch (RuntimeException e) {
        LOG.error("an instance was not closed in order", e);
      }
    }
  }

  /**
   * @throws ServingException if it cannot be made
   */
  InlineInstance open() {
    ModelInstance instance;
    try {
      instance = model.newInstance(Device.CPU);
    } catch (ServingException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | LinkageError e) {
      throw ServingException.internal(
          "model '%s': an instance could not be made: %s".formatted(name, e), e);
    }
    return new InlineInstance(
        instance,
        new BatchRunner(
            name,
            shape,
            sequences,
            instance,
            InputGatherer.inPlace(shape.layouts()),
            outputs,
            statistics,
            ledger));
  }

  /** Answers a request for which no instance could be made. */
  void refuse(PendingRequest request, ServingException cause) {
    statistics.failed(FailureReason.BACKEND, System.nanoTime() - request.arrivalNanos());
    ledger.failed(request, cause);
  }

  /** Gives the outputs' memory back, as far as no response holds it. */
  @Override
  public void close() {
    outputs.close();
  }
}
