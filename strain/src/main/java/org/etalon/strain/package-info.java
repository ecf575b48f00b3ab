/**
 * Gravitational-wave data as values: segments of GPS time, channels, series. Start at {@link
 * org.etalon.strain.StrainFile#open}, which reads frame files and HDF5 files alike.
 *
 * <p>GPS instants are nanoseconds since 1980-01-06 00:00:00 UTC without leap seconds, in a {@code
 * long}; rates are in hertz. Formats live in the packages below and are found with {@link
 * java.util.ServiceLoader}, so that this package knows none of them.
 */
@NullMarked
package org.etalon.strain;

import org.jspecify.annotations.NullMarked;
