/**
 * Reads and writes frame files (GWF), the observatories' format for raw and calibrated data:
 * LIGO-T970130, "Specification of a Common Data Frame Format for Interferometric Gravitational Wave
 * Detectors", format versions 4 to 8 in either byte order. Entered through {@link
 * org.etalon.strain.StrainFile#open} to read, and {@link org.etalon.strain.frames.FrameWriter} to
 * write version 8.
 *
 * <p>A file is one chain of structures, each with its length and class; a dictionary inside the
 * file says what fields a class has. The whole chain is walked once on opening, which the checksum
 * of the file needs anyway; so the table of contents is neither needed nor trusted. Vectors are
 * decompressed only when their channel is read.
 */
@NullMarked
package org.etalon.strain.frames;

import org.jspecify.annotations.NullMarked;
