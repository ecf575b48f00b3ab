package org.etalon.cli;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.etalon.inference.Parameter;
import org.etalon.server.observation.LogControl;
import org.etalon.server.observation.LogSettings;

/**
 * The log of a service, which can be changed while it runs. Thread-safe, guarded by itself; lines
 * are written by the threads that log.
 */
final class ServiceLog extends Handler implements LogControl {
  /** Kept here, since the JDK holds its loggers weakly. */
  private static final Logger OURS = Logger.getLogger("org.etalon");

  private final Writer out;
  private LogSettings settings;
  private LogLine form;

  private ServiceLog(LogSettings settings, Writer out) {
    this.out = out;
    this.settings = settings;
    this.form = new LogLine(settings.format());
  }

  /**
   * Takes the place of what {@link Logging} has set up.
   *
   * @throws IOException if the file cannot be appended to
   */
  static ServiceLog open(LogSettings settings) throws IOException {
    Writer out =
        settings.file().isEmpty()
            ? new BufferedWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8))
            : Files.newBufferedWriter(
                Path.of(settings.file()), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    ServiceLog log = new ServiceLog(settings, out);
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(log);
    OURS.setLevel(levelOf(settings));
    return log;
  }

  @Override
  public synchronized LogSettings settings() {
    return settings;
  }

  @Override
  public synchronized LogSettings change(Map<String, Parameter> changes) {
    settings = settings.with(changes);
    form = new LogLine(settings.format());
    OURS.setLevel(levelOf(settings));
    return settings;
  }

  private static Level levelOf(LogSettings settings) {
    return switch (settings.verboseLevel()) {
      case 0 -> Level.INFO;
      case 1 -> Level.FINE;
      default -> Level.ALL;
    };
  }

  private boolean isWanted(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return settings.hasErrors();
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return settings.hasWarnings();
    }
    return level.intValue() < Level.INFO.intValue() || settings.hasInfo();
  }

  @Override
  public synchronized void publish(LogRecord line) {
    if (!isWanted(line.getLevel())) {
      return;
    }
    try {
      out.write(form.format(line));
      out.flush();
    } catch (IOException e) {
      reportError("the log cannot be written", e, ErrorManager.WRITE_FAILURE);
    }
  }

  @Override
  public void flush() {}

  /** The end of the process closes the file: threads may log until then. */
  @Override
  public void close() {}
}
