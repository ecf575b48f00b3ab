/**
 * What is done to strain offline, done update by update: kernels cut, outputs averaged, strain
 * whitened, noise subtracted.
 *
 * <p>Each operator takes the samples that are new and gives those that have become certain, delayed
 * by a number of samples that it says. However a series is cut into updates, the result is the same
 * to the last bit. An operator's state is a function of its most recent input alone: after {@code
 * memorySamples()} of input, counted from a multiple of {@code alignmentSamples()} after the start
 * where there is such a number, a new one goes on as the old one would have. That is what lets a
 * stream move to another machine.
 *
 * <p>An operator begins with nothing before its first sample, and does not know of gaps: the stream
 * behind a gap is another stream, with an operator of its own. Each is owned by one thread at a
 * time.
 */
@NullMarked
package org.etalon.strain.stream;

import org.jspecify.annotations.NullMarked;
