package org.etalon.analysis.search;

import java.nio.file.Path;

/**
 * What a live search has come to.
 *
 * @param candidates in {@code foreground.csv}
 * @param livetimeSeconds searched at zero lag
 * @param backgroundSeconds searched with time slides
 */
public record LiveSearchResult(
    long candidates, double livetimeSeconds, double backgroundSeconds, Path output) {}
