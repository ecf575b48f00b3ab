/**
 * A server on this machine that answers as GWOSC's does. Start at {@link
 * org.etalon.strain.opendata.testing.GwoscStandIn}.
 */
@NullMarked
package org.etalon.strain.opendata.testing;

import org.jspecify.annotations.NullMarked;
