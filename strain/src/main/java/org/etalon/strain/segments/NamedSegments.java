package org.etalon.strain.segments;

import java.util.Optional;
import org.etalon.strain.SegmentList;

/**
 * When something was so.
 *
 * @param name as in {@code H1:DMT-ANALYSIS_READY:1} (detectors, name, version) or {@code
 *     quality/simple/DQmask:CBC_CAT1} (channel, bit); of a text list the file's name
 * @param active when it was so
 * @param known when it is known whether it was so; empty if the file does not say
 */
public record NamedSegments(String name, SegmentList active, Optional<SegmentList> known) {}
