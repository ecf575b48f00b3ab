/** Tests of the client against a real gRPC server with scripted answers, on a port of its own. */
@NullMarked
package org.etalon.client;

import org.jspecify.annotations.NullMarked;
