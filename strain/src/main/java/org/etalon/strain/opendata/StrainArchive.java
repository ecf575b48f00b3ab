package org.etalon.strain.opendata;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.etalon.strain.opendata.DatasetAnswers.Dataset;
import org.etalon.strain.opendata.OpenDataException.Reason;

/** Finds the files of whole observing runs by GPS time, through GWOSC's archive API. */
final class StrainArchive {
  private final ApiAnswers answers;

  StrainArchive(ApiAnswers answers) {
    this.answers = answers;
  }

  /**
   * The files that hold {@code [start, end)} of GPS seconds, by detector, then time; gaps are told
   * to the listener.
   */
  List<StrainLink> find(long start, long end, StrainSelection selection, ProgressListener listener)
      throws IOException {
    List<Dataset> datasets =
        answers.get("archive/%d/%d/json/".formatted(start, end), DatasetAnswers::read, listener);
    SortedSet<String> detectors = new TreeSet<>(selection.detectors());
    if (detectors.isEmpty()) {
      datasets.forEach(dataset -> detectors.addAll(dataset.detectors()));
    }
    List<StrainLink> found = new ArrayList<>();
    for (String detector : detectors) {
      List<StrainLink> links = ofDetector(datasets, detector, start, end, selection, listener);
      if (links.isEmpty() && !selection.detectors().isEmpty()) {
        throw nothing(detector, start, end, selection, datasets);
      }
      tellGaps(detector, links, start, end, listener);
      found.addAll(links);
    }
    if (found.isEmpty()) {
      throw nothing("any detector", start, end, selection, datasets);
    }
    return found;
  }

  private List<StrainLink> ofDetector(
      List<Dataset> datasets,
      String detector,
      long start,
      long end,
      StrainSelection selection,
      ProgressListener listener)
      throws IOException {
    Map<String, List<StrainLink>> byDataset = new TreeMap<>(Comparator.reverseOrder());
    for (Dataset dataset : datasets) {
      if (dataset.detectors().contains(detector)) {
        String path =
            "archive/links/%s/%s/%d/%d/json/".formatted(dataset.name(), detector, start, end);
        List<StrainLink> links =
            answers.get(path, LinkAnswers::read, listener).stream()
                .filter(link -> link.detector().equals(detector) && selection.fitsKind(link))
                .filter(link -> link.overlaps(start, end))
                .toList();
        byDataset.put(dataset.name(), links);
      }
    }
    return withoutOverlaps(byDataset, start, end);
  }

  /**
   * Takes the data set that covers most of the span, of equals the one last by name (its latest
   * release), and fills its gaps from the others: the same time must not come twice.
   */
  private static List<StrainLink> withoutOverlaps(
      Map<String, List<StrainLink>> byDataset, long start, long end) {
    List<List<StrainLink>> byCoverage = new ArrayList<>(byDataset.values());
    byCoverage.sort(
        Comparator.comparingLong((List<StrainLink> links) -> covered(links, start, end))
            .reversed());
    List<StrainLink> chosen = new ArrayList<>();
    for (List<StrainLink> links : byCoverage) {
      for (StrainLink link : links) {
        if (chosen.stream()
            .noneMatch(other -> other.overlaps(link.gpsStartSeconds(), link.gpsEndSeconds()))) {
          chosen.add(link);
        }
      }
    }
    chosen.sort(Comparator.comparingLong(StrainLink::gpsStartSeconds));
    return chosen;
  }

  private static long covered(List<StrainLink> links, long start, long end) {
    return links.stream()
        .mapToLong(
            link -> Math.min(end, link.gpsEndSeconds()) - Math.max(start, link.gpsStartSeconds()))
        .sum();
  }

  private static void tellGaps(
      String detector, List<StrainLink> links, long start, long end, ProgressListener listener) {
    long coveredUntil = start;
    for (StrainLink link : links) {
      tellGap(detector, coveredUntil, link.gpsStartSeconds(), listener);
      coveredUntil = link.gpsEndSeconds();
    }
    tellGap(detector, coveredUntil, end, listener);
  }

  private static void tellGap(String detector, long from, long to, ProgressListener listener) {
    if (to > from) {
      listener.notice("no published strain of %s from GPS %d to %d".formatted(detector, from, to));
    }
  }

  private static OpenDataException nothing(
      String detector, long start, long end, StrainSelection selection, List<Dataset> datasets) {
    return new OpenDataException(
        Reason.NOT_PUBLISHED,
        "no strain of %s from GPS %d to %d at %d Hz as %s is published (data sets of that time: %s)"
            .formatted(
                detector,
                start,
                end,
                selection.sampleRateHz(),
                selection.format(),
                datasets.stream().map(Dataset::name).toList()));
  }
}
