package org.etalon.analysis.search;

import java.util.List;

/**
 * All that is written down of a search.
 *
 * @param slides time slides asked for; short rings may have fewer
 * @param windows scored, of all slides
 * @param events loudest first
 * @param pictured the events shown with pictures, loudest first
 * @param tracks one for each ring
 */
record Findings(
    SearchConfig config,
    ScoringModel model,
    List<StrainSource> sources,
    List<Ring> rings,
    int slides,
    long windows,
    long livetimeNs,
    Background background,
    List<SearchEvent> events,
    List<Pictured> pictured,
    List<Track> tracks) {

  /** An event and the whitened strain around it. */
  record Pictured(SearchEvent event, WhiteStrain.Excerpt strain) {}

  /** The integrated scores of a ring at zero lag, each at the middle of its windows. */
  @SuppressWarnings("ArrayRecordComponent") // never compared, and not modified once made
  record Track(Ring ring, float[] statistics) {}

  SearchResult result() {
    return new SearchResult(
        events,
        background.loudest(),
        background.size(),
        livetimeNs,
        background.livetimeNs(),
        model.id(),
        config.output());
  }
}
