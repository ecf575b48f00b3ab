package org.etalon.strain.opendata;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the event API's answers: {@code {"events": {"GW150914-v3": {...}, ...}}}. */
final class EventAnswers {
  private static final Pattern KEY = Pattern.compile("(.+)-v([0-9]{1,6})");
  private static final BigDecimal MAX_GPS = BigDecimal.valueOf(StrainLink.MAX_GPS_SECONDS);
  private static final int MAX_VERSION = 999_999;

  private EventAnswers() {}

  /**
   * An event as a list of events names it.
   *
   * @param keyName its name when this version was published; events are renamed
   * @param commonName its name now
   */
  record Listed(String keyName, String commonName, int version) {
    boolean isCalled(String name) {
      return keyName.equalsIgnoreCase(name) || commonName.equalsIgnoreCase(name);
    }
  }

  /** Reads {@code /eventapi/json/event/NAME/}: the versions it holds, with their strain files. */
  static List<EventInfo> details(byte[] body, URI url) throws IOException {
    return read(body, url, (cursor, entry) -> entry.details(cursor));
  }

  /** Reads {@code /eventapi/json/allevents/}: all events, in all versions. */
  static List<Listed> names(byte[] body, URI url) throws IOException {
    return read(body, url, (_, entry) -> entry.listed());
  }

  private interface EntryReader<T> {
    T take(JsonCursor cursor, Entry entry) throws IOException;
  }

  private static <T> List<T> read(byte[] body, URI url, EntryReader<T> reader) throws IOException {
    return JsonCursor.read(
        body,
        url,
        cursor -> {
          List<T> events = new ArrayList<>();
          cursor.object(field -> {
            if (field.equals("events")) {
              cursor.object(key -> events.add(reader.take(cursor, new Entry(key).read(cursor))));
            } else {
              cursor.skip();
            }
          });
          return events;
        });
  }

  /** The fields of one event, as far as they have been met. */
  private static final class Entry {
    private final String keyName;
    private @Nullable String commonName;
    private int version;
    private String catalog = "";
    private @Nullable BigDecimal gpsSeconds;
    private List<StrainLink> links = List.of();

    Entry(String key) {
      Matcher matcher = KEY.matcher(key);
      boolean hasVersion = matcher.matches();
      keyName = hasVersion ? matcher.group(1) : key;
      version = hasVersion ? Integer.parseInt(matcher.group(2)) : 1;
    }

    Entry read(JsonCursor cursor) throws IOException {
      cursor.object(name -> readField(cursor, name));
      return this;
    }

    private void readField(JsonCursor cursor, String name) throws IOException {
      if (cursor.isNull()) {
        return;
      }
      switch (name) {
        case "commonName" -> commonName = cursor.text();
        case "version" -> version = (int) cursor.integer(0, MAX_VERSION);
        case "catalog.shortName" -> catalog = cursor.text();
        case "GPS" -> gpsSeconds = cursor.decimal();
        case "strain" -> links = LinkAnswers.list(cursor);
        default -> cursor.skip();
      }
    }

    Listed listed() {
      return new Listed(keyName, nameNow(), version);
    }

    EventInfo details(JsonCursor cursor) throws IOException {
      if (gpsSeconds == null || gpsSeconds.signum() < 0 || gpsSeconds.compareTo(MAX_GPS) > 0) {
        throw cursor.unexpected("an event with its GPS time in seconds");
      }
      long gpsNs =
          gpsSeconds.movePointRight(9).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
      return new EventInfo(nameNow(), version, catalog, gpsNs, links);
    }

    private String nameNow() {
      return commonName == null ? keyName : commonName;
    }
  }
}
