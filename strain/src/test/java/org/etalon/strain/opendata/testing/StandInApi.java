package org.etalon.strain.opendata.testing;

import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The JSON answers of GWOSC's API over a folder of files, in the shapes of the public API's
 * documentation.
 *
 * @see <a href="https://gwosc.org/apidocs">GWOSC public API</a>
 */
final class StandInApi {
  /** Where files are served. */
  static final String DATA = "/archive/data/";

  private static final String NUMBER = "([0-9]{1,11})";
  private static final Pattern EVENT =
      Pattern.compile("/eventapi/json/event/([^/]+)/(?:v([0-9]+)/)?");
  private static final Pattern DATASETS =
      Pattern.compile("/archive/" + NUMBER + "/" + NUMBER + "/json/");
  private static final Pattern LINKS =
      Pattern.compile("/archive/links/([^/]+)/([^/]+)/" + NUMBER + "/" + NUMBER + "/json/");

  private final List<StandInFile> files;
  private final URI baseUrl;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Map<String, String> checksums = new ConcurrentHashMap<>();

  private record Event(String name, int version, double gps) {
    String key() {
      return name + "-v" + version;
    }
  }

  StandInApi(Path folder, URI baseUrl) {
    files = StandInFile.in(folder);
    this.baseUrl = baseUrl;
  }

  void addEvent(String name, int version, double gps) {
    events.add(new Event(name, version, gps));
  }

  void addChecksum(String fileName, String sha256) {
    checksums.put(fileName, sha256);
  }

  Optional<StandInFile> file(String name) {
    return files.stream().filter(file -> file.name().equals(name)).findFirst();
  }

  /** The answer to that path; empty where GWOSC says 404. */
  Optional<String> json(String path) {
    Matcher event = EVENT.matcher(path);
    if (event.matches()) {
      return event(event.group(1), Optional.ofNullable(event.group(2)).map(Integer::parseInt));
    }
    if (path.equals("/eventapi/json/allevents/")) {
      return Optional.of(
          events.stream()
              .map(e -> eventJson(e, ""))
              .collect(Collectors.joining(", ", "{\"events\": {", "}}")));
    }
    Matcher datasets = DATASETS.matcher(path);
    if (datasets.matches()) {
      return Optional.of(
          datasets(Long.parseLong(datasets.group(1)), Long.parseLong(datasets.group(2))));
    }
    Matcher links = LINKS.matcher(path);
    return links.matches() ? Optional.of(links(links)) : Optional.empty();
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private Optional<String> event(String name, Optional<Integer> version) {
    return events.stream()
        .filter(event -> event.name().equals(name))
        .filter(event -> version.isEmpty() || version.get() == event.version())
        .max(Comparator.comparingInt(Event::version))
        .map(event ->
            "{\"events\": {%s}}"
                .formatted(
                    eventJson(event, ", \"strain\": " + strain(file -> file.holds(event.gps())))));
  }

  private static String eventJson(Event event, String more) {
    return """
    "%s": {"commonName": "%s", "version": %d, "catalog.shortName": "GWTC-1-confident", "GPS": %s,
      "reference": null, "mass_1_source": 35.6%s}\
    """
        .formatted(
            event.key(),
            event.name(),
            event.version(),
            BigDecimal.valueOf(event.gps()).toPlainString(),
            more);
  }

  private String datasets(long start, long end) {
    Map<String, List<StandInFile>> byTag =
        files.stream()
            .filter(file -> file.overlaps(start, end))
            .collect(Collectors.groupingBy(StandInFile::tag, TreeMap::new, Collectors.toList()));
    String runs =
        byTag.entrySet().stream()
            .map(entry -> datasetJson(entry.getKey(), entry.getValue()))
            .collect(Collectors.joining(", "));
    return "{\"events\": {}, \"runs\": {\"tenyear\": {\"GPSstart\": 0, \"GPSend\": 2000000000, \"detectors\": []}%s}}"
        .formatted(runs.isEmpty() ? "" : ", " + runs);
  }

  private static String datasetJson(String tag, List<StandInFile> ofTag) {
    String detectors =
        ofTag.stream()
            .map(file -> "\"" + file.detector() + "\"")
            .distinct()
            .collect(Collectors.joining(", "));
    return "\"%s\": {\"GPSstart\": %d, \"GPSend\": %d, \"detectors\": [%s]}"
        .formatted(
            tag,
            ofTag.stream().mapToLong(StandInFile::gpsStart).min().orElse(0),
            ofTag.stream().mapToLong(StandInFile::gpsEnd).max().orElse(0),
            detectors);
  }

  private String links(Matcher asked) {
    long start = Long.parseLong(asked.group(3));
    long end = Long.parseLong(asked.group(4));
    Predicate<StandInFile> wanted =
        file ->
            file.tag().equals(asked.group(1))
                && file.detector().equals(asked.group(2))
                && file.overlaps(start, end);
    return "{\"dataset\": \"%s\", \"GPSstart\": %d, \"GPSend\": %d, \"strain\": %s}"
        .formatted(asked.group(1), start, end, strain(wanted));
  }

  private String strain(Predicate<StandInFile> wanted) {
    return files.stream()
        .filter(wanted)
        .map(this::linkJson)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private String linkJson(StandInFile file) {
    String sha256 = checksums.get(file.name());
    return """
    {"GPSstart": %d, "detector": "%s", "sampling_rate": %d, "duration": %d, "format": "%s", "url": "%s"%s}\
    """
        .formatted(
            file.gpsStart(),
            file.detector(),
            file.sampleRate(),
            file.duration(),
            file.format(),
            baseUrl + DATA + file.name(),
            sha256 == null ? "" : ", \"sha256\": \"" + sha256 + "\"");
  }
}
