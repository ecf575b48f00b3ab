package org.etalon.objectstore;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * How stores are asked, from the environment variables that every S3 client reads.
 *
 * @param credentials empty: requests are not signed, as public buckets allow
 * @param endpoint the store of a repository that names none; empty: Amazon's
 */
public record S3Settings(String region, Optional<Credentials> credentials, Optional<URI> endpoint) {
  private static final String DEFAULT_REGION = "us-east-1";

  /**
   * Who asks.
   *
   * @param sessionToken of temporary credentials
   */
  public record Credentials(String accessKeyId, String secret, Optional<String> sessionToken) {
    @Override
    public String toString() {
      return "Credentials[accessKeyId=" + accessKeyId + "]";
    }
  }

  /**
   * @param environment {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY}, {@code
   *     AWS_SESSION_TOKEN}, {@code AWS_DEFAULT_REGION} or {@code AWS_REGION}, {@code
   *     AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL}
   * @throws IllegalArgumentException if a variable is wrong, or a key stands without its secret
   */
  public static S3Settings of(Map<String, String> environment) {
    Optional<String> key = value(environment, "AWS_ACCESS_KEY_ID");
    Optional<String> secret = value(environment, "AWS_SECRET_ACCESS_KEY");
    if (key.isPresent() != secret.isPresent()) {
      throw new IllegalArgumentException(
          "%s is set without %s (expected: both, or neither for a public bucket)"
              .formatted(
                  key.isPresent() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                  key.isPresent() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
    }
    return new S3Settings(
        value(environment, "AWS_DEFAULT_REGION")
            .or(() -> value(environment, "AWS_REGION"))
            .orElse(DEFAULT_REGION),
        key.map(id ->
            new Credentials(id, secret.orElseThrow(), value(environment, "AWS_SESSION_TOKEN"))),
        value(environment, "AWS_ENDPOINT_URL_S3")
            .or(() -> value(environment, "AWS_ENDPOINT_URL"))
            .map(S3Settings::endpoint));
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).map(String::strip).filter(v -> !v.isEmpty());
  }

  private static URI endpoint(String text) {
    URI endpoint = URI.create(text);
    boolean isHttp = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    String path = endpoint.getRawPath();
    if (!isHttp || endpoint.getHost() == null || !(path == null || path.matches("/?"))) {
      throw new IllegalArgumentException(
          "AWS_ENDPOINT_URL: '%s' (expected: http://HOST:PORT or https://HOST:PORT)"
              .formatted(text));
    }
    return URI.create(endpoint.getScheme() + "://" + endpoint.getRawAuthority());
  }
}
