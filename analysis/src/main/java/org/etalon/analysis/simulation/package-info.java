/**
 * Simulated strain: coloured noise, signals, glitches and witness channels from a seed. Start at
 * {@link org.etalon.analysis.simulation.Simulation}.
 *
 * <p>Every part is drawn from a random sequence of its own, by its name and its time, so that a
 * sample does not depend on how the span is cut into files or on what else is simulated.
 */
@NullMarked
package org.etalon.analysis.simulation;

import org.jspecify.annotations.NullMarked;
