package org.etalon.engine.backend;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The worker process that an instance runs in.
 *
 * @param pid of the one that runs now; empty: none does
 * @param starts processes that got ready so far
 * @param startup how long the last one took from its start until it could run batches
 * @param residentBytes memory that it holds; empty where the system does not tell
 * @param lastEnd how the one before ended; empty: none has
 */
public record InstanceProcess(
    OptionalLong pid,
    long starts,
    Duration startup,
    OptionalLong residentBytes,
    Optional<String> lastEnd) {}
