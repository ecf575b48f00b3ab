/**
 * Asks a model about every row of a data set, in batches, as many at a time as the service takes:
 * {@link org.etalon.analysis.dataset.DatasetInference}, built from a {@link
 * org.etalon.analysis.dataset.DatasetConfig}.
 *
 * <p>Outputs are in the order of the inputs whatever the order of completion. A job that was
 * stopped goes on where it stopped when it is run again.
 */
@NullMarked
package org.etalon.analysis.dataset;

import org.jspecify.annotations.NullMarked;
