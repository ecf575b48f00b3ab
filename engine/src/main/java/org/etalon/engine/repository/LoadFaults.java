package org.etalon.engine.repository;

import java.util.SortedMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.etalon.inference.ServingException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why loading failed, in the words that clients read. */
final class LoadFaults {
  private static final Logger LOG = LoggerFactory.getLogger(LoadFaults.class);

  private LoadFaults() {}

  /** Of versions that failed; told in the log too. */
  static ServingException of(String model, SortedMap<Long, ServingException> failures) {
    String causes =
        failures.entrySet().stream()
            .map(entry ->
                "version %d is at UNAVAILABLE state: %s;"
                    .formatted(entry.getKey(), entry.getValue().getMessage()))
            .collect(Collectors.joining(" "));
    ServingException failed =
        ServingException.invalid("load failed for model '%s': %s".formatted(model, causes));
    failures.values().forEach(failed::addSuppressed);
    LOG.warn("{}", failed.getMessage());
    return failed;
  }

  /** The ServingException that an operation failed with. */
  static ServingException cause(Throwable fault) {
    Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
    return cause instanceof ServingException serving
        ? serving
        : ServingException.internal("loading failed: " + cause, fault);
  }
}
