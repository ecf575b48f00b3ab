package org.etalon.objectstore;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.etalon.objectstore.S3Settings.Credentials;

/**
 * Signs requests to a store. Immutable.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html">AWS
 *     Signature Version 4, by header</a>
 */
final class RequestSigner {
  /** The SHA-256 of no bytes. */
  static final String NO_CONTENT =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final String HMAC = "HmacSHA256";
  private static final String SERVICE = "s3";
  private static final String END = "aws4_request";
  private static final String UNRESERVED = "-_.~";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Credentials credentials;
  private final String region;

  RequestSigner(Credentials credentials, String region) {
    this.credentials = credentials;
    this.region = region;
  }

  /**
   * What is asked for.
   *
   * @param path percent-encoded, as it is sent
   * @param query not encoded
   * @param headers by names in lower case, {@code host} among them
   * @param contentHash SHA-256 of the body, in hexadecimal
   */
  record Request(
      String method,
      String path,
      SortedMap<String, String> query,
      SortedMap<String, String> headers,
      String contentHash) {}

  /** The request's headers and those that sign it. */
  SortedMap<String, String> sign(Request request, Instant now) {
    String time = TIME.format(now);
    SortedMap<String, String> headers = new TreeMap<>(request.headers);
    headers.put("x-amz-content-sha256", request.contentHash);
    headers.put("x-amz-date", time);
    credentials.sessionToken().ifPresent(token -> headers.put("x-amz-security-token", token));
    String date = time.substring(0, 8);
    String scope = String.join("/", date, region, SERVICE, END);
    String names = String.join(";", headers.keySet());
    String canonical = canonical(request, headers, names);
    String toSign = String.join("\n", ALGORITHM, time, scope, hex(sha256(bytes(canonical))));
    String signature = hex(hmac(key(date), toSign));
    headers.put(
        "authorization",
        "%s Credential=%s/%s,SignedHeaders=%s,Signature=%s"
            .formatted(ALGORITHM, credentials.accessKeyId(), scope, names, signature));
    return headers;
  }

  private static String canonical(
      Request request, SortedMap<String, String> headers, String names) {
    StringBuilder lines = new StringBuilder();
    headers.forEach((name, value) ->
        lines.append(name).append(':').append(value.strip().replaceAll(" +", " ")).append('\n'));
    return String.join(
        "\n",
        request.method,
        request.path,
        queryString(request.query),
        lines,
        names,
        request.contentHash);
  }

  private byte[] key(String date) {
    byte[] key = bytes("AWS4" + credentials.secret());
    for (String part : new String[] {date, region, SERVICE, END}) {
      key = hmac(key, part);
    }
    return key;
  }

  /** The parameters as they are signed and sent: encoded, by name. */
  static String queryString(SortedMap<String, String> query) {
    return query.entrySet().stream().map(RequestSigner::parameter).collect(Collectors.joining("&"));
  }

  private static String parameter(Map.Entry<String, String> entry) {
    return encode(entry.getKey(), false) + "=" + encode(entry.getValue(), false);
  }

  /** Percent-encodes all bytes but letters, digits and {@code -_.~}. */
  static String encode(String text, boolean isSlashKept) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : bytes(text)) {
      char c = (char) (b & 0xFF);
      boolean isPlain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || UNRESERVED.indexOf(c) >= 0
              || (c == '/' && isSlashKept);
      if (isPlain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
      }
    }
    return encoded.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(bytes(text));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java has " + HMAC, e);
    }
  }
}
