/**
 * The protocol over HTTP/1.1. Start at {@link org.etalon.server.http.HttpFront}, built from an
 * {@link org.etalon.server.http.HttpConfig}.
 *
 * <p>A connection belongs to one event loop, which reads requests, hands them to the router and
 * writes answers in the order of the requests, flushing once for all that are ready. Nothing on it
 * blocks or takes long: what does runs on a virtual thread and comes back to it. Tensors stay in
 * the receive buffer until the engine has answered; the answer is copied once, from the model's
 * output to the send buffer.
 */
@NullMarked
package org.etalon.server.http;

import org.jspecify.annotations.NullMarked;
