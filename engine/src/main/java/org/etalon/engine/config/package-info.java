/**
 * Reads and checks {@code config.pbtxt}. Start at {@link
 * org.etalon.engine.config.ModelConfigReader}, which reads a file and finds everything in it that
 * is not a configuration; {@link org.etalon.engine.config.ModelConfigRules} then finds everything
 * that contradicts itself or is not supported, and completes the defaults.
 *
 * <p>All faults of a file are reported at once, with line and column.
 */
@NullMarked
package org.etalon.engine.config;

import org.jspecify.annotations.NullMarked;
