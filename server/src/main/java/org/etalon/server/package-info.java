/**
 * The network's face of an engine: gRPC, HTTP and metrics on ports of their own. Start at {@link
 * org.etalon.server.EtalonServer}.
 */
@NullMarked
package org.etalon.server;

import org.jspecify.annotations.NullMarked;
