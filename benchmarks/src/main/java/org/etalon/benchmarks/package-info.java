/**
 * Comparisons of Etalon with what it is built on: {@link org.etalon.benchmarks.InferComparison}.
 * Nothing here is a test; what it prints is read by people.
 */
@NullMarked
package org.etalon.benchmarks;

import org.jspecify.annotations.NullMarked;
