package org.etalon.analysis.search;

/**
 * A clustered local maximum of the integrated scores of one time slide.
 *
 * @param window the first of the windows whose scores were averaged
 * @param statistic the average
 */
record Trigger(int window, float statistic) {}
