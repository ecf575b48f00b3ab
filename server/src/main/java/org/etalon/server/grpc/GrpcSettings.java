package org.etalon.server.grpc;

import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.Executor;
import org.etalon.server.observation.ForwardedHeaders;
import org.etalon.server.observation.Observation;
import org.etalon.server.security.AccessControl;

/**
 * What all calls of a front share.
 *
 * @param allocator of the memory for messages in several pieces
 * @param access asked before each request
 * @param executor whose tasks may block, or take long
 * @param observation told of every request to a model
 * @param forwarded headers that become parameters of their requests
 */
record GrpcSettings(
    int maxMessageBytes,
    ResponseCompression compression,
    ByteBufAllocator allocator,
    AccessControl access,
    Executor executor,
    Observation observation,
    ForwardedHeaders forwarded) {}
