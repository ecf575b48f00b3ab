package org.etalon.engine.status;

import java.util.Optional;
import org.etalon.engine.backend.Device;
import org.etalon.engine.backend.InstanceProcess;

/**
 * One instance of a served version.
 *
 * @param busyNanos time it has spent running batches, from gathering to handing over
 * @param process the worker process that it runs in; empty: the service's own
 */
public record InstanceStatus(
    String model, long version, Device device, long busyNanos, Optional<InstanceProcess> process) {
  /** One that runs inside the service. */
  public InstanceStatus(String model, long version, Device device, long busyNanos) {
    this(model, version, device, busyNanos, Optional.empty());
  }
}
