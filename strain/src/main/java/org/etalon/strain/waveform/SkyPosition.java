package org.etalon.strain.waveform;

/**
 * Where a source is, and how its polarisation lies; angles in radians.
 *
 * @param rightAscension eastwards from the vernal equinox
 * @param declination from -pi/2 to pi/2
 * @param polarisation of the wave's plus axis, from north towards east
 */
public record SkyPosition(double rightAscension, double declination, double polarisation) {}
