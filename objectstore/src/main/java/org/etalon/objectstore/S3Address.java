package org.etalon.objectstore;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in which store a repository lies: {@code s3://BUCKET/PREFIX}, {@code
 * s3://HOST:PORT/BUCKET/PREFIX} or {@code s3://http[s]://HOST:PORT/BUCKET/PREFIX}, as Triton writes
 * it.
 *
 * @param endpoint empty: that of the environment, or Amazon's
 * @param prefix empty, or with a slash at its end
 */
public record S3Address(Optional<URI> endpoint, String bucket, String prefix) {
  private static final String SCHEME = "s3://";

  /** The scheme, the host and its port, each optional; then the bucket and the prefix. */
  private static final Pattern FORM =
      Pattern.compile(
          "s3://(?:(?<scheme>https?)://(?<named>[^/]+)/|(?<host>[^/:]+:[0-9]+)/)?(?<bucket>[^/:]+)(?:/(?<prefix>.*))?");

  private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");

  /** True if a repository is meant to lie in an object store. */
  public static boolean isMeant(String repository) {
    return repository.startsWith(SCHEME);
  }

  /**
   * @throws IllegalArgumentException if it has another form
   */
  public static S3Address of(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || !BUCKET.matcher(form.group("bucket")).matches()) {
      throw new IllegalArgumentException(
          "'%s' (expected: s3://BUCKET/PREFIX, s3://HOST:PORT/BUCKET/PREFIX or s3://https://HOST:PORT/BUCKET/PREFIX)"
              .formatted(text));
    }
    String host = form.group("host");
    Optional<URI> endpoint =
        form.group("scheme") != null
            ? Optional.of(URI.create(form.group("scheme") + "://" + form.group("named")))
            : Optional.ofNullable(host).map(authority -> URI.create("http://" + authority));
    return new S3Address(endpoint, form.group("bucket"), folder(form.group("prefix")));
  }

  private static String folder(String prefix) {
    String bare = prefix == null ? "" : prefix.replaceAll("^/+|/+$", "");
    return bare.isEmpty() ? "" : bare + "/";
  }

  @Override
  public String toString() {
    String store = endpoint.map(uri -> uri + "/").orElse("");
    return SCHEME + store + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
  }
}
