/** Tests of the metrics page. */
@NullMarked
package org.etalon.server.metrics;

import org.jspecify.annotations.NullMarked;
