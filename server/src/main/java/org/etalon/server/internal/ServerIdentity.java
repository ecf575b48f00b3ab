package org.etalon.server.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;

/**
 * Who the server says it is.
 *
 * @param version of the build
 * @param extensions those of the protocol that are served, by the protocol's names
 */
public record ServerIdentity(String name, String version, List<String> extensions) {
  public ServerIdentity {
    extensions = List.copyOf(extensions);
  }

  /** This build. */
  public static ServerIdentity current() {
    return new ServerIdentity(
        "etalon",
        buildVersion(),
        List.of(
            "classification",
            "sequence",
            "model_repository",
            "model_repository(unload_dependents)",
            "schedule_policy",
            "model_configuration",
            "system_shared_memory",
            "cuda_shared_memory",
            "binary_tensor_data",
            "parameters",
            "statistics",
            "generate",
            "logging",
            "trace"));
  }

  /** The same under another name. */
  public ServerIdentity named(String other) {
    return new ServerIdentity(other, version, extensions);
  }

  private static String buildVersion() {
    var build = new Properties();
    try (InputStream file = ServerIdentity.class.getResourceAsStream("build.properties")) {
      if (file == null) {
        throw new IllegalStateException("build.properties is missing from the server's jar");
      }
      build.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException("build.properties of the server's jar", e);
    }
    return build.getProperty("version");
  }
}
