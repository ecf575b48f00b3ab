package org.etalon.strain.frames;

import org.etalon.strain.ChannelInfo;

/**
 * One frame's share of a channel.
 *
 * @param data the FrAdcData, FrProcData or FrSimData
 * @param vector the FrVect with the samples
 * @param frameStartNs of the frame, in GPS nanoseconds
 */
record ChannelPart(
    ChannelInfo.Kind kind, Structure data, StructureHeader vector, long frameStartNs) {}
