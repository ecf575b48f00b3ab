package org.etalon.engine.status;

import org.etalon.engine.backend.Device;

/**
 * One instance of a served version.
 *
 * @param busyNanos time it has spent running batches, from gathering to handing over
 */
public record InstanceStatus(String model, long version, Device device, long busyNanos) {}
