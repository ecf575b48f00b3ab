/**
 * Turns requests and responses into the protocol's gRPC messages and back, without an object for
 * each message on the way: tensors are written from, and read as, the memory they lie in.
 *
 * <p>A client starts at {@link InferRequestEncoder} and {@link InferResponseDecoder}.
 */
@NullMarked
package org.etalon.protocol.wire;

import org.jspecify.annotations.NullMarked;
