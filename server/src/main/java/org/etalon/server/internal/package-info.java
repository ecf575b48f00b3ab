/**
 * What the fronts of the server share and its users do not see: how a front starts and ends ({@link
 * Listener}), who it says it is ({@link ServerIdentity}), and how a failure looks on the wire
 * ({@link WireStatus}, {@link RequestErrors}).
 */
@NullMarked
package org.etalon.server.internal;

import org.jspecify.annotations.NullMarked;
