package org.etalon.server.observation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.etalon.inference.NearestName;
import org.etalon.inference.ServingException;

/**
 * Which requests are traced, and how closely.
 *
 * @param file where traces go in {@link TraceMode#TRITON}; empty: nowhere
 * @param hasTimestamps whether times are kept
 * @param hasTensors whether inputs and outputs are kept
 * @param rate every how many requests one is traced, from 1
 * @param count how many are traced in all; -1: any number (as the protocol writes it)
 * @param logFrequency how many traces make a file of their own, {@code file.0} and so on; 0: all go
 *     into one file
 */
public record TraceSettings(
    String file,
    boolean hasTimestamps,
    boolean hasTensors,
    long rate,
    long count,
    long logFrequency,
    TraceMode mode) {
  static final String FILE = "trace_file";

  /** The setting that has several values. */
  public static final String LEVEL = "trace_level";

  static final String RATE = "trace_rate";
  static final String COUNT = "trace_count";
  static final String FREQUENCY = "log_frequency";
  static final String MODE = "trace_mode";
  private static final List<String> NAMES = List.of(FILE, LEVEL, RATE, COUNT, FREQUENCY, MODE);
  private static final int MAX_NAME_CHARS = 64;
  private static final long DEFAULT_RATE = 1000;
  private static final long UNBOUNDED = -1;
  private static final String OFF = "OFF";
  private static final String TIMESTAMPS = "TIMESTAMPS";
  private static final String TENSORS = "TENSORS";

  /** Names of older clients for what is TIMESTAMPS now. */
  private static final Set<String> OLDER = Set.of("MIN", "MAX");

  /** Nothing is traced. */
  public static TraceSettings off() {
    return new TraceSettings("", false, false, DEFAULT_RATE, UNBOUNDED, 0, TraceMode.TRITON);
  }

  public boolean isOn() {
    return hasTimestamps || hasTensors;
  }

  /** By the protocol's names. */
  public SequencedMap<String, List<String>> values() {
    List<String> levels = new ArrayList<>(2);
    if (hasTimestamps) {
      levels.add(TIMESTAMPS);
    }
    if (hasTensors) {
      levels.add(TENSORS);
    }
    if (levels.isEmpty()) {
      levels.add(OFF);
    }
    SequencedMap<String, List<String>> values = new LinkedHashMap<>();
    values.put(FILE, List.of(file));
    values.put(LEVEL, levels);
    values.put(RATE, List.of(Long.toString(rate)));
    values.put(COUNT, List.of(Long.toString(count)));
    values.put(FREQUENCY, List.of(Long.toString(logFrequency)));
    values.put(MODE, List.of(mode.text()));
    return values;
  }

  /**
   * These with some changed.
   *
   * @param changes by the protocol's names, none without values
   * @throws ServingException INVALID_ARGUMENT that tells every fault
   */
  public TraceSettings with(Map<String, List<String>> changes) {
    var faults = new ArrayList<String>();
    SequencedMap<String, List<String>> values = values();
    new TreeMap<>(changes)
        .forEach((name, given) -> {
          String fault = faultOf(name, given);
          if (fault.isEmpty()) {
            values.put(name, given);
          } else {
            faults.add(fault);
          }
        });
    if (!faults.isEmpty()) {
      throw ServingException.invalid("trace settings: " + String.join("; ", faults));
    }
    List<String> levels = values.getOrDefault(LEVEL, List.of());
    return new TraceSettings(
        only(values, FILE),
        levels.contains(TIMESTAMPS) || levels.stream().anyMatch(OLDER::contains),
        levels.contains(TENSORS),
        Long.parseLong(only(values, RATE)),
        Long.parseLong(only(values, COUNT)),
        Long.parseLong(only(values, FREQUENCY)),
        TraceMode.of(only(values, MODE)).orElse(TraceMode.TRITON));
  }

  private static String only(Map<String, List<String>> values, String name) {
    return values.getOrDefault(name, List.of("")).getFirst();
  }

  private static String faultOf(String name, List<String> given) {
    if (NAMES.contains(name) && !name.equals(LEVEL) && given.size() != 1) {
      return "%s: %d values (expected: one)".formatted(name, given.size());
    }
    return switch (name) {
      case FILE -> "";
      case LEVEL -> levelFault(given);
      case RATE -> numberFault(name, given.getFirst(), 1);
      case COUNT -> numberFault(name, given.getFirst(), UNBOUNDED);
      case FREQUENCY -> numberFault(name, given.getFirst(), 0);
      case MODE ->
          TraceMode.of(given.getFirst()).isPresent()
              ? ""
              : "%s '%s' (expected: triton or opentelemetry)".formatted(name, given.getFirst());
      default -> "unknown setting '%s'%s".formatted(name, hint(name));
    };
  }

  private static String levelFault(List<String> given) {
    boolean isKnown =
        given.equals(List.of(OFF))
            || given.stream()
                .allMatch(level ->
                    level.equals(TIMESTAMPS) || level.equals(TENSORS) || OLDER.contains(level));
    return isKnown
        ? ""
        : "%s %s (expected: OFF, or TIMESTAMPS and TENSORS)".formatted(LEVEL, given);
  }

  private static String numberFault(String name, String given, long least) {
    try {
      if (Long.parseLong(given) >= least) {
        return "";
      }
    } catch (NumberFormatException _) {
      // said below
    }
    return "%s '%s' (expected: a whole number from %d)".formatted(name, given, least);
  }

  private static String hint(String name) {
    Optional<String> near =
        name.length() > MAX_NAME_CHARS ? Optional.empty() : NearestName.close(name, NAMES);
    return near.map(known -> " (did you mean '" + known + "'?)")
        .orElse(" (expected: one of " + NAMES + ")");
  }
}
