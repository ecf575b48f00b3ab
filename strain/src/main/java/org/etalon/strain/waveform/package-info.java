/**
 * Signals of merging black holes as detectors record them: {@link
 * org.etalon.strain.waveform.PhenomD} gives the waveform, {@link
 * org.etalon.strain.waveform.Detector} what of it arrives where and when.
 */
@NullMarked
package org.etalon.strain.waveform;

import org.jspecify.annotations.NullMarked;
