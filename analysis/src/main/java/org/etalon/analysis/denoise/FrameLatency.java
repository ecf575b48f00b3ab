package org.etalon.analysis.denoise;

/**
 * How late a live frame of cleaned strain was.
 *
 * @param gpsNs the frame's start
 * @param seconds from when the frame's last raw sample was read to when the cleaned frame was
 *     written
 */
public record FrameLatency(long gpsNs, double seconds) {}
