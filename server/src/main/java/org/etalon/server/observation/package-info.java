/**
 * What a server lets be seen of itself while it runs, and what of that clients may change: the
 * log's settings. Start at {@link org.etalon.server.observation.Observation}.
 */
@NullMarked
package org.etalon.server.observation;

import org.jspecify.annotations.NullMarked;
