package org.etalon.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Log lines on stderr: time, level, message. */
final class Logging {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /**
   * jHDF warns at every file it writes that writing is new; kept here, since levels are weakly
   * held.
   */
  private static final Logger QUIET = Logger.getLogger("io.jhdf");

  /** Where an engine says which models it could not load. */
  private static final Logger MODELS = Logger.getLogger("org.etalon.engine.repository");

  private Logging() {}

  static void configure() {
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    Handler console = new ConsoleHandler();
    console.setFormatter(new OneLine());
    console.setLevel(Level.ALL);
    root.addHandler(console);
    root.setLevel(Level.WARNING);
    Logger.getLogger("org.etalon").setLevel(Level.INFO);
    QUIET.setLevel(Level.SEVERE);
    MODELS.setLevel(null);
  }

  /** For commands that themselves say which models could not be loaded. */
  static void leaveModelsToTheCommand() {
    MODELS.setLevel(Level.SEVERE);
  }

  private static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord line) {
      String text =
          "%s %-7s %s%n"
              .formatted(TIME.format(line.getInstant()), line.getLevel(), formatMessage(line));
      if (line.getThrown() == null) {
        return text;
      }
      StringWriter trace = new StringWriter();
      line.getThrown().printStackTrace(new PrintWriter(trace));
      return text + trace;
    }
  }
}
