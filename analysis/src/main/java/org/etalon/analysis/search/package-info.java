/**
 * Searches strain for mergers: start at {@link org.etalon.analysis.search.Search#run} with a {@link
 * org.etalon.analysis.search.SearchConfig}.
 *
 * <p>Strain comes from {@link org.etalon.strain.StrainFile}, scores from an {@link
 * org.etalon.inference.InferenceService}; nothing here knows what runs the model, or where. One
 * thread works through the strain, ring by ring and slide by slide; only requests are concurrent.
 * What is found depends on the strain, the settings and the scores alone, not on the order of
 * answers.
 */
@NullMarked
package org.etalon.analysis.search;

import org.jspecify.annotations.NullMarked;
