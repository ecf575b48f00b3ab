package org.etalon.server.observation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.etalon.inference.NearestName;
import org.etalon.inference.Parameter;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Which lines the log has, and where they go.
 *
 * @param file the path it is appended to; empty: to stderr
 * @param hasInfo whether what happens is told
 * @param hasWarnings whether faults that the server got over are told
 * @param hasErrors whether the others are
 * @param verboseLevel 0: nothing more; 1: how each request ended; 2 and above: all there is
 */
public record LogSettings(
    String file,
    boolean hasInfo,
    boolean hasWarnings,
    boolean hasErrors,
    int verboseLevel,
    LogFormat format) {
  private static final String FILE = "log_file";
  private static final String INFO = "log_info";
  private static final String WARNING = "log_warning";
  private static final String ERROR = "log_error";
  private static final String VERBOSE = "log_verbose_level";
  private static final String FORMAT = "log_format";
  private static final int MAX_NAME_CHARS = 64;
  private static final List<String> NAMES = List.of(FILE, INFO, WARNING, ERROR, VERBOSE, FORMAT);

  public LogSettings {
    if (verboseLevel < 0) {
      throw new IllegalArgumentException(
          "verboseLevel: " + verboseLevel + " (expected: 0 or above)");
    }
  }

  /** Everything but verbose lines, to stderr. */
  public static LogSettings standard() {
    return new LogSettings("", true, true, true, 0, LogFormat.DEFAULT);
  }

  /** By the protocol's names. */
  public SequencedMap<String, Parameter> values() {
    SequencedMap<String, Parameter> values = new LinkedHashMap<>();
    values.put(FILE, new Parameter.Text(file));
    values.put(INFO, new Parameter.Bool(hasInfo));
    values.put(WARNING, new Parameter.Bool(hasWarnings));
    values.put(ERROR, new Parameter.Bool(hasErrors));
    values.put(VERBOSE, new Parameter.Int64(verboseLevel));
    values.put(FORMAT, new Parameter.Text(format.text()));
    return values;
  }

  /**
   * These with some changed.
   *
   * @param changes by the protocol's names
   * @throws ServingException INVALID_ARGUMENT that tells every fault; the file is no client's to
   *     choose
   */
  public LogSettings with(Map<String, Parameter> changes) {
    var faults = new ArrayList<String>();
    SequencedMap<String, Parameter> values = values();
    new TreeMap<>(changes)
        .forEach((name, value) -> {
          String fault = faultOf(name, value);
          if (fault.isEmpty()) {
            values.put(name, value);
          } else {
            faults.add(fault);
          }
        });
    if (!faults.isEmpty()) {
      throw ServingException.invalid("log settings: " + String.join("; ", faults));
    }
    return of(values);
  }

  private static LogSettings of(Map<String, Parameter> values) {
    return new LogSettings(
        text(values.get(FILE)),
        flag(values.get(INFO)),
        flag(values.get(WARNING)),
        flag(values.get(ERROR)),
        (int) number(values.get(VERBOSE)),
        LogFormat.of(text(values.get(FORMAT))).orElse(LogFormat.DEFAULT));
  }

  /** What is wrong with a change; empty if nothing is. */
  private String faultOf(String name, Parameter value) {
    return switch (name) {
      case INFO, WARNING, ERROR ->
          value instanceof Parameter.Bool ? "" : "%s (expected: true or false)".formatted(name);
      case VERBOSE -> {
        long level = number(value);
        yield level >= 0 && level <= Integer.MAX_VALUE
            ? ""
            : "%s (expected: a whole number from 0)".formatted(name);
      }
      case FORMAT ->
          LogFormat.of(text(value)).isPresent()
              ? ""
              : "%s '%s' (expected: one of %s)"
                  .formatted(
                      name,
                      text(value),
                      Arrays.stream(LogFormat.values()).map(LogFormat::text).toList());
      case FILE ->
          value instanceof Parameter.Text(String given) && given.equals(file)
              ? ""
              : "%s (expected: '%s': where the log goes is chosen when the server is started, with --log-file)"
                  .formatted(name, file);
      default -> "unknown setting '%s'%s".formatted(name, hint(name));
    };
  }

  private static String hint(String name) {
    Optional<String> near =
        name.length() > MAX_NAME_CHARS ? Optional.empty() : NearestName.close(name, NAMES);
    return near.map(known -> " (did you mean '" + known + "'?)")
        .orElse(" (expected: one of " + NAMES + ")");
  }

  private static String text(@Nullable Parameter value) {
    return value instanceof Parameter.Text(String text) ? text : "";
  }

  private static boolean flag(@Nullable Parameter value) {
    return value instanceof Parameter.Bool(boolean flag) && flag;
  }

  private static long number(@Nullable Parameter value) {
    return switch (value) {
      case Parameter.Int64(long number) -> number;
      case Parameter.Uint64(long number) -> number;
      case null, default -> -1;
    };
  }
}
