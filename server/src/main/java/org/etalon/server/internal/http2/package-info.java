/**
 * HTTP/2 (RFC 9113) on Netty's channels, for servers: frames, streams, flow control. Knows nothing
 * of what is spoken on its streams. Start at {@link
 * org.etalon.server.internal.http2.Http2Connection}; a {@link
 * org.etalon.server.internal.http2.Http2Service} answers its streams.
 *
 * <p>A connection and all of its streams belong to one event loop; nothing here is called by
 * another thread.
 *
 * <p>Written for what a service of small messages needs: frames are read in place, and all that is
 * answered in one turn of the event loop leaves in one buffer.
 */
@NullMarked
package org.etalon.server.internal.http2;

import org.jspecify.annotations.NullMarked;
