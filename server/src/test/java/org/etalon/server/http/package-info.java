/** Tests of the HTTP front over real sockets. */
@NullMarked
package org.etalon.server.http;

import org.jspecify.annotations.NullMarked;
