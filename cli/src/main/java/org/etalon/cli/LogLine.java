package org.etalon.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.etalon.server.observation.LogFormat;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * How a line of the log is written. What belongs to the request that the line is about is in
 * SLF4J's context of the thread that logs, which is the one that writes.
 */
final class LogLine extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  private static final long PROCESS = ProcessHandle.current().pid();

  private final LogFormat form;

  /** Made when it is first needed. */
  private static final class Json {
    static final JsonFactory FACTORY = new JsonFactory();
  }

  LogLine(LogFormat form) {
    this.form = form;
  }

  @Override
  public String format(LogRecord line) {
    Instant time = line.getInstant();
    return switch (form) {
      case DEFAULT ->
          "%s %-7s %s%n%s"
              .formatted(TIME.format(time), line.getLevel(), message(line), trace(line));
      case ISO8601 ->
          "%s %c %d %s] %s%n%s"
              .formatted(
                  SECONDS.format(time),
                  line.getLevel().getName().charAt(0),
                  PROCESS,
                  line.getLoggerName(),
                  message(line),
                  trace(line));
      case JSON -> json(line, time);
    };
  }

  /** The message on one line, whatever a client put into it. */
  private String message(LogRecord line) {
    StringBuilder text = new StringBuilder();
    context().forEach((name, value) -> text.append(name).append('=').append(value).append(' '));
    text.append(formatMessage(line));
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        text.setCharAt(i, ' ');
      }
    }
    return text.toString();
  }

  private static Map<String, String> context() {
    var context = MDC.getCopyOfContextMap();
    return context == null ? new TreeMap<>() : new TreeMap<>(context);
  }

  private static String trace(LogRecord line) {
    Throwable thrown = line.getThrown();
    return thrown == null ? "" : trace(thrown);
  }

  private static String trace(Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  private String json(LogRecord line, Instant time) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("time", TIME.format(time));
      json.writeStringProperty("level", name(line.getLevel()));
      write(json, "logger", line.getLoggerName());
      json.writeStringProperty("message", formatMessage(line));
      context().forEach(json::writeStringProperty);
      Throwable thrown = line.getThrown();
      write(json, "exception", thrown == null ? null : trace(thrown));
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  private static void write(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static String name(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    return level.intValue() < Level.INFO.intValue() ? "VERBOSE" : level.getName();
  }
}
