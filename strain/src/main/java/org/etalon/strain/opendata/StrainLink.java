package org.etalon.strain.opendata;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A strain file that can be downloaded.
 *
 * @param detector the interferometer, such as {@code H1}
 * @param gpsStartSeconds GPS time of the first sample
 * @param durationSeconds length of the data
 * @param sampleRateHz samples a second
 * @param format the file's format
 * @param url where it is; http or https, ending in a plain file name of that format
 * @param checksum what the API says the file's digest is, where it says
 */
public record StrainLink(
    String detector,
    long gpsStartSeconds,
    int durationSeconds,
    int sampleRateHz,
    StrainFormat format,
    URI url,
    Optional<Checksum> checksum) {
  /** Latest GPS second taken for one: past the year 5000, and far from overflow in nanoseconds. */
  static final long MAX_GPS_SECONDS = 8_000_000_000L;

  // A name from the network becomes a name in the cache folder: no separators, no percent signs, no
  // leading dot.
  private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,199}");
  private static final Pattern DETECTOR = Pattern.compile("[A-Z][0-9]");

  /**
   * Refuses what no strain file has, and addresses that are not safe to follow or to name a file
   * after.
   */
  public StrainLink {
    require(DETECTOR.matcher(detector).matches(), "detector", detector, "such as H1");
    require(
        gpsStartSeconds >= 0 && gpsStartSeconds <= MAX_GPS_SECONDS,
        "GPS start",
        gpsStartSeconds,
        "a GPS second");
    require(durationSeconds > 0, "duration", durationSeconds, "> 0 seconds");
    require(sampleRateHz > 0, "sampling rate", sampleRateHz, "> 0 Hz");
    require(OpenDataConfig.isWebAddress(url), "url", url, "http://... or https://...");
    String name = lastSegment(url);
    require(
        PLAIN_NAME.matcher(name).matches() && name.endsWith(format.fileSuffix()),
        "file name in url",
        url,
        "letters, digits, '.', '_' and '-', ending in " + format.fileSuffix());
  }

  /** The file's name, safe to use in the cache folder. */
  public String fileName() {
    return lastSegment(url);
  }

  /** GPS time just past the last sample. */
  public long gpsEndSeconds() {
    return gpsStartSeconds + durationSeconds;
  }

  boolean overlaps(long startSeconds, long endSeconds) {
    return gpsStartSeconds < endSeconds && gpsEndSeconds() > startSeconds;
  }

  private static String lastSegment(URI url) {
    // The raw path: an escaped slash or dot stays visible, and is refused.
    String path = url.getRawPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static void require(boolean holds, String what, Object given, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s: '%s' (expected: %s)".formatted(what, given, expected));
    }
  }
}
