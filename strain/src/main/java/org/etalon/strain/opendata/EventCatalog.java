package org.etalon.strain.opendata;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.etalon.strain.opendata.EventAnswers.Listed;
import org.etalon.strain.opendata.OpenDataException.Reason;

/** Finds events by name, through GWOSC's event API. */
final class EventCatalog {
  private static final Pattern NAME =
      Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.+-]{0,63}?)(?:-[vV]([0-9]{1,6}))?");

  private final ApiAnswers answers;

  EventCatalog(ApiAnswers answers) {
    this.answers = answers;
  }

  /**
   * The event of that name, upper or lower case; its latest version unless the name ends in {@code
   * -vN}.
   */
  EventInfo find(String name, ProgressListener listener) throws IOException {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      throw new OpenDataException(
          Reason.NOT_FOUND,
          "event '%s': not a name of an event (expected: such as GW150914)".formatted(name));
    }
    // As nearly all are written; the others are found in the list below.
    String plainName = matcher.group(1).toUpperCase(Locale.ROOT);
    OptionalInt version =
        matcher.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(matcher.group(2)));
    Optional<EventInfo> asWritten = ask(plainName, version, listener);
    if (asWritten.isPresent()) {
      return asWritten.get();
    }
    // The server knows names in one spelling, and current names alone; its list of all events knows
    // the others.
    List<Listed> known = allEvents(name, listener);
    Listed listed = pick(known, plainName, version).orElseThrow(() -> unknown(name, known));
    return ask(listed.commonName(), OptionalInt.of(listed.version()), listener)
        .orElseThrow(() -> unknown(name, known));
  }

  private Optional<EventInfo> ask(String name, OptionalInt version, ProgressListener listener)
      throws IOException {
    String path =
        "eventapi/json/event/"
            + name
            + "/"
            + (version.isPresent() ? "v" + version.getAsInt() + "/" : "");
    try {
      return answers.get(path, EventAnswers::details, listener).stream()
          .filter(event -> version.isEmpty() || event.version() == version.getAsInt())
          .max(Comparator.comparingInt(EventInfo::version));
    } catch (OpenDataException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private List<Listed> allEvents(String wanted, ProgressListener listener) throws IOException {
    try {
      return answers.get("eventapi/json/allevents/", EventAnswers::names, listener);
    } catch (OpenDataException e) {
      throw new OpenDataException(
          Reason.NOT_FOUND,
          "event '%s' is not known, and the list of known ones cannot be had: %s"
              .formatted(wanted, e.getMessage()),
          e);
    }
  }

  private static Optional<Listed> pick(List<Listed> known, String name, OptionalInt version) {
    return known.stream()
        .filter(event -> event.isCalled(name))
        .filter(event -> version.isEmpty() || event.version() == version.getAsInt())
        .filter(event -> NAME.matcher(event.commonName()).matches())
        .max(Comparator.comparingInt(Listed::version));
  }

  private static OpenDataException unknown(String name, List<Listed> known) {
    List<String> near = NearestNames.of(name, known.stream().map(Listed::commonName).toList());
    String hint =
        near.isEmpty() ? "GWOSC knows none like it" : "nearest: " + String.join(", ", near);
    return new OpenDataException(
        Reason.NOT_FOUND,
        "event '%s' is not known among %d published (%s)".formatted(name, known.size(), hint));
  }
}
