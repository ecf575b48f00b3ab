package org.etalon.client;

import java.util.OptionalLong;

/**
 * A line of a server's repository index.
 *
 * @param version empty for a model that was never loaded
 * @param state by the protocol's names, such as {@code READY}; empty for a model that was never
 *     loaded
 * @param reason why it is not ready; empty otherwise
 */
public record RepositoryEntry(String model, OptionalLong version, String state, String reason) {}
