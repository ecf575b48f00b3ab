package org.etalon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What this build is; written by Maven into {@code build.properties}. */
final class Build implements IVersionProvider {
  static String version() {
    Properties build = new Properties();
    try (InputStream resource = Build.class.getResourceAsStream("build.properties")) {
      if (resource == null) {
        throw new IllegalStateException("build.properties is missing from the jar");
      }
      build.load(resource);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"etalon " + version()};
  }
}
