/**
 * Reads time series from HDF5 files: public strain as GWOSC lays it out, and what GWpy writes.
 * Entered through {@link org.etalon.strain.StrainFile#open}.
 *
 * <p>A channel is a dataset of one dimension whose attributes give its start and its spacing. The
 * format itself is read by jHDF, whose failures on damaged files become {@link
 * java.io.IOException}s here.
 */
@NullMarked
package org.etalon.strain.hdf5;

import org.jspecify.annotations.NullMarked;
