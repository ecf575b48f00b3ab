/**
 * NumPy's array files: {@code .npy} (one array) and {@code .npz} (a ZIP of them). Start at {@link
 * Npy}.
 *
 * <p>{@link Npy} reads, maps and writes whole arrays; {@link NpyWriter} writes one whose rows
 * arrive in any order; {@link Npz} reads archives. Every array is handed over as an {@link
 * NpyArray}: little-endian and row-major whatever the file said. Arrays of objects, strings,
 * records and dates are refused.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">NumPy:
 *     numpy.lib.format</a>
 */
@NullMarked
package org.etalon.inference.npy;

import org.jspecify.annotations.NullMarked;
