package org.etalon.server.internal.http2;

import java.time.Duration;
import java.util.Optional;

/**
 * What a connection allows its client, and how long it lives.
 *
 * @param maxStreams open at one time
 * @param maxHeaderBytes of a request's headers together, as RFC 9113 (6.5.2) counts them
 * @param streamWindow bytes of one stream that the client may send ahead
 * @param connectionWindow the same for all streams together
 * @param pingInterval a connection on which nothing was heard for this long is pinged
 * @param pingTimeout one that does not answer for this long is closed
 * @param minClientPingInterval how often a client may ping at most, while nothing is sent to it
 * @param permitsIdlePings whether a client may ping while it has no stream
 * @param maxAge after this long a connection takes no new stream; empty: it may live for ever
 * @param maxAgeGrace how long streams may then still take
 */
public record Http2Limits(
    int maxStreams,
    int maxHeaderBytes,
    int streamWindow,
    int connectionWindow,
    Duration pingInterval,
    Duration pingTimeout,
    Duration minClientPingInterval,
    boolean permitsIdlePings,
    Optional<Duration> maxAge,
    Duration maxAgeGrace) {}
