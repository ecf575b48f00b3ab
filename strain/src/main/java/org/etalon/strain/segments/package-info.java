/**
 * Lists of segments with names, as detectors' data quality is described by: LIGO_LW XML, text, and
 * the masks within strain files. Start at {@link org.etalon.strain.segments.SegmentFile}.
 */
@NullMarked
package org.etalon.strain.segments;

import org.jspecify.annotations.NullMarked;
