/**
 * The protocol over gRPC. Start at {@link org.etalon.server.grpc.GrpcFront}.
 *
 * <p>An inference request is read in the buffer it arrived in and never leaves the event loop's
 * thread on its way to the engine; what may take long runs on virtual threads.
 */
@NullMarked
package org.etalon.server.grpc;

import org.jspecify.annotations.NullMarked;
