/**
 * Signal processing of evenly sampled series: spectra, whitening, filters, resampling and the Q
 * transform.
 *
 * <p>A series is a {@code double[]} with a rate in hertz beside it; nothing here knows of detectors
 * or GPS time. A search starts at {@link Resampling#polyphase}, {@link Welch} and {@link
 * InverseSpectrumWhitening}; a plot at {@link QTransform}.
 *
 * <p>Inputs are never modified and must be finite. Everything runs on the calling thread, and gives
 * the same bits each time; several series are worked on at once by calling from several threads.
 * What is not said to be otherwise is immutable and so thread-safe. Results agree with SciPy's and
 * gwpy's functions named at each method; strain of 1e-19 to 1e-21 needs no scaling, since a square
 * of 1e-42 is far from where doubles end.
 */
@NullMarked
package org.etalon.strain.signal;

import org.jspecify.annotations.NullMarked;
