/**
 * The inference messages of the protocol's gRPC form, read where they lie and written straight from
 * the tensors' memory, with no message object in between.
 *
 * <p>A client starts at {@link org.etalon.protocol.wire.InferRequestEncoder} and {@link
 * org.etalon.protocol.wire.InferResponseDecoder}, a server at {@link
 * org.etalon.protocol.wire.InferRequestDecoder} and {@link
 * org.etalon.protocol.wire.InferResponseEncoder}.
 */
@NullMarked
package org.etalon.protocol.wire;

import org.jspecify.annotations.NullMarked;
