/**
 * What a monitoring system scrapes: {@link org.etalon.server.metrics.MetricsFront} serves {@code
 * /metrics} on a port of its own, so that it can be kept from those who only ask models.
 */
@NullMarked
package org.etalon.server.metrics;

import org.jspecify.annotations.NullMarked;
