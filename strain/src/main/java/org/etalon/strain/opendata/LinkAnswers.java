package org.etalon.strain.opendata;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.etalon.strain.opendata.OpenDataException.Reason;
import org.jspecify.annotations.Nullable;

/** Reads the {@code strain} lists of API answers; events and archives write them alike. */
final class LinkAnswers {
  private LinkAnswers() {}

  /** Reads {@code /archive/links/DATASET/DETECTOR/START/END/json/}. */
  static List<StrainLink> read(byte[] body, URI url) throws IOException {
    return JsonCursor.read(
        body,
        url,
        cursor -> {
          List<StrainLink> links = new ArrayList<>();
          cursor.object(name -> {
            if (name.equals("strain")) {
              links.addAll(list(cursor));
            } else {
              cursor.skip();
            }
          });
          return links;
        });
  }

  /** Reads the list at the cursor; files in formats not read here are left out. */
  static List<StrainLink> list(JsonCursor cursor) throws IOException {
    List<StrainLink> links = new ArrayList<>();
    if (!cursor.isNull()) {
      cursor.array(() -> new Entry().read(cursor).ifPresent(links::add));
    }
    return links;
  }

  /** The fields of one entry, as far as they have been met. */
  private static final class Entry {
    private @Nullable String detector;
    private @Nullable String format;
    private @Nullable String url;
    private long gpsStartSeconds = -1;
    private int durationSeconds;
    private int sampleRateHz;
    private Optional<Checksum> checksum = Optional.empty();

    Optional<StrainLink> read(JsonCursor cursor) throws IOException {
      cursor.object(name -> readField(cursor, name));
      if (detector == null || format == null || url == null) {
        throw cursor.unexpected("a strain file with detector, format and url");
      }
      Optional<StrainFormat> known = StrainFormat.named(format);
      return known.isEmpty()
          ? Optional.empty()
          : Optional.of(link(cursor, detector, known.get(), url));
    }

    private void readField(JsonCursor cursor, String name) throws IOException {
      switch (name) {
        case "detector" -> detector = cursor.text();
        case "format" -> format = cursor.text();
        case "url" -> url = cursor.text();
        case "GPSstart" -> gpsStartSeconds = cursor.integer(0, StrainLink.MAX_GPS_SECONDS);
        case "duration" -> durationSeconds = (int) cursor.integer(1, Integer.MAX_VALUE);
        case "sampling_rate" -> sampleRateHz = (int) cursor.integer(1, Integer.MAX_VALUE);
        case "sha256" -> readChecksum(cursor, Checksum.Algorithm.SHA256);
        case "md5" -> readChecksum(cursor, Checksum.Algorithm.MD5);
        default -> cursor.skip();
      }
    }

    private void readChecksum(JsonCursor cursor, Checksum.Algorithm algorithm) throws IOException {
      if (cursor.isNull()) {
        return;
      }
      Checksum read =
          Checksum.parse(algorithm, cursor.text())
              .orElseThrow(() -> cursor.unexpected("digits of " + algorithm));
      if (checksum.isEmpty() || algorithm == Checksum.Algorithm.SHA256) {
        checksum = Optional.of(read);
      }
    }

    private StrainLink link(
        JsonCursor cursor, String ofDetector, StrainFormat inFormat, String atUrl)
        throws OpenDataException {
      try {
        URI resolved = cursor.url().resolve(new URI(atUrl));
        return new StrainLink(
            ofDetector,
            gpsStartSeconds,
            durationSeconds,
            sampleRateHz,
            inFormat,
            resolved,
            checksum);
      } catch (URISyntaxException | IllegalArgumentException e) {
        throw new OpenDataException(
            Reason.BAD_ANSWER,
            "%s lists a strain file that is not followed: %s"
                .formatted(cursor.url(), e.getMessage()),
            e);
      }
    }
  }
}
