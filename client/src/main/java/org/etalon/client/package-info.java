/**
 * Models on a server, asked over gRPC. Start at {@link EtalonClient#open}.
 *
 * <p>A request waits in its model's {@link RequestLine} until fewer are in flight than the {@link
 * InFlightLimit} that follows the server's pace, then goes out as an {@link Attempt}; what the
 * server could not take is sent again by {@link InferCall} until the retry window ends. All of it
 * runs on callers' threads and the client's own event loops; nothing blocks but {@link
 * EtalonClient#metadata} and {@link EtalonClient#close}.
 */
@NullMarked
package org.etalon.client;

import org.jspecify.annotations.NullMarked;
