package org.etalon.cli;

import org.etalon.server.observation.LogFormat;
import org.etalon.server.observation.LogSettings;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code etalon serve} that say what is logged, and where. */
final class LogOptions {
  @Option(names = "--log-info", arity = "1", description = "Tell what happens (default: true).")
  private boolean hasInfo = true;

  @Option(
      names = "--log-warning",
      arity = "1",
      description = "Tell of faults that were got over (default: true).")
  private boolean hasWarnings = true;

  @Option(
      names = "--log-error",
      arity = "1",
      description = "Tell of all other faults (default: true).")
  private boolean hasErrors = true;

  @Option(
      names = "--log-verbose",
      paramLabel = "N",
      description = "1: also how each request ended; 2: all there is (default: 0).")
  private int verboseLevel = 0;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      converter = FormatName.class,
      description = "default, ISO8601 or json (default: default).")
  private LogFormat format = LogFormat.DEFAULT;

  @Option(
      names = "--log-file",
      paramLabel = "FILE",
      description = "Append the log to this file (default: it goes to stderr).")
  private String file = "";

  LogSettings settings() {
    return new LogSettings(file, hasInfo, hasWarnings, hasErrors, verboseLevel, format);
  }

  private static final class FormatName implements ITypeConverter<LogFormat> {
    @Override
    public LogFormat convert(String text) {
      return LogFormat.of(text)
          .orElseThrow(() ->
              new TypeConversionException(
                  "'%s' (expected: default, ISO8601 or json)".formatted(text)));
    }
  }
}
