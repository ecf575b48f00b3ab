package org.etalon.analysis.search;

import java.nio.file.Path;
import java.util.List;
import org.etalon.inference.ModelId;

/**
 * What a search found.
 *
 * @param events candidates at zero lag, loudest first
 * @param loudestBackground the largest statistic of all time slides; negative infinity if there is
 *     no candidate in them
 * @param backgroundEvents candidates of all time slides
 * @param livetimeNs time searched
 * @param backgroundLivetimeNs time searched in all slides together
 * @param model with the version that was used
 * @param output the folder with the files
 */
public record SearchResult(
    List<SearchEvent> events,
    double loudestBackground,
    int backgroundEvents,
    long livetimeNs,
    long backgroundLivetimeNs,
    ModelId model,
    Path output) {
  public SearchResult {
    events = List.copyOf(events);
  }
}
