package org.etalon.backends.libraries;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where archives come from.
 *
 * @param localRepositories folders laid out as Maven's; looked at first
 * @param remoteRepository a repository of Maven's; empty: no jar is fetched
 * @param pythonIndex an index of Python packages; empty: no wheel is fetched
 */
public record LibrarySources(
    List<Path> localRepositories, Optional<URI> remoteRepository, Optional<URI> pythonIndex) {
  /** The system property for {@code --maven-repository}. */
  public static final String REPOSITORY_PROPERTY = "etalon.maven.repository";

  /** The environment variable that says the same. */
  public static final String REPOSITORY_VARIABLE = "ETALON_MAVEN_REPOSITORY";

  /** The system property for {@code --python-index}. */
  public static final String INDEX_PROPERTY = "etalon.python.index";

  /** The environment variable that says the same. */
  public static final String INDEX_VARIABLE = "ETALON_PYTHON_INDEX";

  private static final String NONE = "none";
  private static final String PYPI = "https://pypi.org/simple";
  private static final String MAVEN_CENTRAL = "https://repo.maven.apache.org/maven2";

  public LibrarySources {
    localRepositories = List.copyOf(localRepositories);
  }

  /**
   * The user's local Maven repository, and the remote one that is named: by {@value
   * #REPOSITORY_PROPERTY}, by {@value #REPOSITORY_VARIABLE} ({@code none}: nothing is fetched), by
   * a mirror in Maven's {@code settings.xml}, else Maven Central. The index of Python packages
   * likewise, by {@value #INDEX_PROPERTY}, {@value #INDEX_VARIABLE} or pip's {@code PIP_INDEX_URL},
   * else PyPI.
   */
  public static LibrarySources ofUser() {
    Path maven = Path.of(System.getProperty("user.home"), ".m2");
    String local = System.getProperty("maven.repo.local");
    return new LibrarySources(
        List.of(local == null ? maven.resolve("repository") : Path.of(local)),
        remote(maven.resolve("settings.xml")),
        index());
  }

  private static Optional<URI> index() {
    String pip = System.getenv().getOrDefault("PIP_INDEX_URL", PYPI);
    String named =
        System.getProperty(INDEX_PROPERTY, System.getenv().getOrDefault(INDEX_VARIABLE, pip));
    return named.equals(NONE) ? Optional.empty() : Optional.of(URI.create(named));
  }

  private static Optional<URI> remote(Path settings) {
    String named =
        System.getProperty(
            REPOSITORY_PROPERTY, System.getenv().getOrDefault(REPOSITORY_VARIABLE, ""));
    if (named.equals(NONE)) {
      return Optional.empty();
    }
    if (!named.isBlank()) {
      return Optional.of(URI.create(named));
    }
    return Optional.of(MavenSettings.mirror(settings).orElse(URI.create(MAVEN_CENTRAL)));
  }
}
