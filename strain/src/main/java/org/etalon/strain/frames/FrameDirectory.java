package org.etalon.strain.frames;

import java.util.List;
import java.util.Map;

/**
 * What a walk through a file has found.
 *
 * @param channels the parts of each channel, by name, in the order of the file
 */
record FrameDirectory(Dictionary dictionary, Map<String, List<ChannelPart>> channels) {}
