package org.etalon.cli;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.etalon.server.observation.LogFormat;

/** Log lines on stderr: time, level, message. */
final class Logging {
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
    console.setFormatter(new LogLine(LogFormat.DEFAULT));
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
}
