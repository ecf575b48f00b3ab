/**
 * Subtracts noise that a network predicts from witness channels, over archives ({@link
 * org.etalon.analysis.denoise.Denoise}) and live ({@link org.etalon.analysis.denoise.LiveDenoise}).
 *
 * <p>Both do the same to the samples: kernels cut from the witnesses, the network's overlapping
 * outputs averaged, the average confined to its band by a finite filter without delay, and
 * subtracted. They differ in how long a sample waits for outputs that cover it.
 */
@NullMarked
package org.etalon.analysis.denoise;

import org.jspecify.annotations.NullMarked;
