package org.etalon.objectstore;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads one bucket. Thread-safe.
 *
 * <p>By {@link HttpURLConnection}: it bounds the time of each read, which keeps a store that falls
 * silent in the middle of an object from holding a thread for good; the newer HTTP client has no
 * such bound.
 */
final class S3Client implements AutoCloseable {
  private static final int CONNECT_MS = 10_000;
  private static final int READ_MS = 30_000;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int OK = 200;
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final List<Duration> PAUSES =
      List.of(Duration.ofMillis(200), Duration.ofSeconds(1));

  /** An ETag that is the MD5 of the content; those of multipart uploads are not. */
  private static final Pattern MD5 = Pattern.compile("\"?([0-9a-fA-F]{32})\"?");

  private final S3Address address;
  private final URI base;
  private final Optional<RequestSigner> signer;
  private final InstantSource clock;
  private final Consumer<Duration> pause;
  private volatile boolean isClosed;

  S3Client(S3Address address, S3Settings settings, InstantSource clock, Consumer<Duration> pause) {
    this.address = address;
    this.base = base(address, settings);
    this.signer = settings.credentials().map(who -> new RequestSigner(who, settings.region()));
    this.clock = clock;
    this.pause = pause;
  }

  /** The bucket's address: a path where a store is named, a host of its own at Amazon. */
  private static URI base(S3Address address, S3Settings settings) {
    String bucket = address.bucket();
    Optional<URI> endpoint = address.endpoint().or(settings::endpoint);
    if (endpoint.isPresent()) {
      return URI.create(endpoint.get() + "/" + bucket);
    }
    String host = "s3." + settings.region() + ".amazonaws.com";
    // A dot would not fit the store's certificate.
    return URI.create(
        bucket.contains(".") ? "https://" + host + "/" + bucket : "https://" + bucket + "." + host);
  }

  /**
   * All objects whose names begin with a prefix, with {@code delimiter} up to it.
   *
   * @param delimiter empty: none
   * @return one listing, of all pages
   */
  ObjectListing list(String prefix, String delimiter) throws IOException {
    List<StoredObject> objects = new ArrayList<>();
    List<String> prefixes = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      SortedMap<String, String> query = new TreeMap<>();
      query.put("list-type", "2");
      query.put("encoding-type", "url");
      query.put("prefix", prefix);
      if (!delimiter.isEmpty()) {
        query.put("delimiter", delimiter);
      }
      next.ifPresent(token -> query.put("continuation-token", token));
      ObjectListing page = again(() -> page(query));
      objects.addAll(page.objects());
      prefixes.addAll(page.prefixes());
      if (page.next().isPresent() && page.next().equals(next)) {
        throw new IOException(address + ": the store's listing does not go on");
      }
      next = page.next();
    } while (next.isPresent());
    return new ObjectListing(objects, prefixes, next);
  }

  private ObjectListing page(SortedMap<String, String> query) throws IOException {
    HttpURLConnection connection = open("", query, new TreeMap<>());
    try (InputStream body = body(connection, address.toString())) {
      return StoreAnswers.listing(body);
    }
  }

  /**
   * Copies an object to a file.
   *
   * @throws IOException if it is not the listed one any more, does not come whole, or the store
   *     cannot be reached; the file is then of no use
   */
  void get(StoredObject object, Path target) throws IOException {
    var _ =
        again(() -> {
          copy(object, target);
          return target;
        });
  }

  private void copy(StoredObject object, Path target) throws IOException {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put("if-match", object.etag());
    String path = "/" + RequestSigner.encode(object.key(), true);
    HttpURLConnection connection = open(path, new TreeMap<>(), headers);
    String name = "s3://" + address.bucket() + "/" + object.key();
    try (InputStream body = body(connection, name);
        OutputStream out = Files.newOutputStream(target)) {
      MessageDigest digest = md5();
      long bytes = copy(body, out, digest, object.bytes());
      check(connection, object, name, bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }

  /** Stops behind what was listed: who sends more does not fill the disk. */
  private long copy(InputStream body, OutputStream out, MessageDigest digest, long listed)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long bytes = 0;
    for (int read = body.read(buffer); read >= 0 && bytes <= listed; read = body.read(buffer)) {
      if (isClosed) {
        throw new IOException(address + " is closed");
      }
      out.write(buffer, 0, read);
      digest.update(buffer, 0, read);
      bytes += read;
    }
    return bytes;
  }

  private static void check(
      HttpURLConnection connection, StoredObject object, String name, long bytes, String md5)
      throws IOException {
    String etag = connection.getHeaderField("ETag");
    if (etag != null && !etag.equals(object.etag())) {
      throw new S3Fault(
          HttpURLConnection.HTTP_PRECON_FAILED,
          "%s: ETag %s (expected: %s, as listed)".formatted(name, etag, object.etag()));
    }
    if (bytes != object.bytes()) {
      throw new IOException(
          "%s: %d bytes came (expected: %d, as listed)".formatted(name, bytes, object.bytes()));
    }
    var listed = MD5.matcher(object.etag());
    if (listed.matches() && isMd5(connection) && !md5.equals(lower(listed.group(1)))) {
      throw new IOException(
          "%s: the content has MD5 %s (expected: %s, its ETag)"
              .formatted(name, md5, object.etag()));
    }
  }

  /** Of objects encrypted with a key of the user's the ETag is no hash of the content. */
  private static boolean isMd5(HttpURLConnection connection) {
    String encryption = connection.getHeaderField("x-amz-server-side-encryption");
    String own = connection.getHeaderField("x-amz-server-side-encryption-customer-algorithm");
    return own == null && (encryption == null || encryption.equals("AES256"));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  private interface Attempt<T> {
    T run() throws IOException;
  }

  /** What fails for a moment is tried again, a little later each time. */
  private <T> T again(Attempt<T> attempt) throws IOException {
    for (Duration wait : PAUSES) {
      try {
        return attempt.run();
      } catch (IOException e) {
        if (isClosed || (e instanceof S3Fault fault && !fault.isPassing())) {
          throw e;
        }
        pause.accept(wait);
      }
    }
    return attempt.run();
  }

  private HttpURLConnection open(
      String path, SortedMap<String, String> query, SortedMap<String, String> headers)
      throws IOException {
    String rawPath = base.getRawPath() + (path.isEmpty() ? "/" : path);
    String whole = query.isEmpty() ? "" : "?" + RequestSigner.queryString(query);
    URI uri = URI.create(base.getScheme() + "://" + base.getRawAuthority() + rawPath + whole);
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MS);
    connection.setReadTimeout(READ_MS);
    connection.setInstanceFollowRedirects(false); // a signature is for one host
    signed(new RequestSigner.Request("GET", rawPath, query, headers, RequestSigner.NO_CONTENT))
        .forEach(connection::setRequestProperty);
    return connection;
  }

  private SortedMap<String, String> signed(RequestSigner.Request request) {
    if (signer.isEmpty()) {
      return request.headers();
    }
    request.headers().put("host", host());
    SortedMap<String, String> headers = signer.get().sign(request, clock.instant());
    headers.remove("host"); // the connection writes the same
    return headers;
  }

  private String host() {
    int standard = base.getScheme().equals("https") ? HTTPS : HTTP;
    boolean isPlain = base.getPort() < 0 || base.getPort() == standard;
    return isPlain ? base.getHost() : base.getHost() + ":" + base.getPort();
  }

  /**
   * @throws S3Fault if the answer is not the thing asked for
   */
  private InputStream body(HttpURLConnection connection, String name) throws IOException {
    int status;
    try {
      status = connection.getResponseCode();
    } catch (IOException e) {
      throw new IOException(
          "%s: the store at %s cannot be reached: %s".formatted(name, base.getAuthority(), e), e);
    }
    if (status == OK) {
      return connection.getInputStream();
    }
    String region = connection.getHeaderField("x-amz-bucket-region");
    try (InputStream error = connection.getErrorStream()) {
      String said = error == null ? "" : StoreAnswers.error(error);
      throw new S3Fault(
          status,
          "%s: the store at %s answered %d %s%s"
              .formatted(
                  name,
                  base.getAuthority(),
                  status,
                  said,
                  region == null ? "" : " (the bucket's AWS_DEFAULT_REGION: " + region + ")"));
    }
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  /** Ends what is being copied. */
  @Override
  public void close() {
    isClosed = true;
  }
}
