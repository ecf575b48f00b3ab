package org.etalon.server.metrics;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How busy a GPU is. What its driver does not tell is empty.
 *
 * @param name as its maker calls it
 * @param utilization 0 to 1: the share of the last moments in which something ran
 * @param energyJoules since the driver was loaded
 */
public record Gpu(
    String uuid,
    String name,
    OptionalDouble utilization,
    OptionalDouble powerWatts,
    OptionalDouble powerLimitWatts,
    OptionalDouble energyJoules,
    OptionalLong memoryTotalBytes,
    OptionalLong memoryUsedBytes) {}
