package org.etalon.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.etalon.objectstore.RequestSigner.Request;
import org.etalon.objectstore.S3Settings.Credentials;
import org.junit.jupiter.api.Test;

/** Against the examples of the specification, whose link is at {@link RequestSigner}. */
class RequestSignerTest {
  private static final Instant TIME = Instant.parse("2013-05-24T00:00:00Z");
  private static final RequestSigner SIGNER =
      new RequestSigner(
          new Credentials(
              "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", Optional.empty()),
          "us-east-1");

  private static String signature(Request request) {
    String header = SIGNER.sign(request, TIME).getOrDefault("authorization", "");
    return header.substring(header.indexOf("Signature=") + "Signature=".length());
  }

  private static Request request(
      String method,
      String path,
      Map<String, String> query,
      Map<String, String> headers,
      String hash) {
    TreeMap<String, String> all = new TreeMap<>(headers);
    all.put("host", "examplebucket.s3.amazonaws.com");
    return new Request(method, path, new TreeMap<>(query), all, hash);
  }

  @Test
  void signsTheGetOfAnObject() {
    Request request =
        request(
            "GET", "/test.txt", Map.of(), Map.of("range", "bytes=0-9"), RequestSigner.NO_CONTENT);

    assertThat(SIGNER.sign(request, TIME).get("authorization"))
        .isEqualTo(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  }

  @Test
  void signsParametersWithoutValues() {
    assertThat(
            signature(
                request("GET", "/", Map.of("lifecycle", ""), Map.of(), RequestSigner.NO_CONTENT)))
        .isEqualTo("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  }

  @Test
  void signsAListing() {
    assertThat(
            signature(
                request(
                    "GET",
                    "/",
                    Map.of("max-keys", "2", "prefix", "J"),
                    Map.of(),
                    RequestSigner.NO_CONTENT)))
        .isEqualTo("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  }

  @Test
  void signsANameWithCharactersThatAreEncoded() {
    Request request =
        request(
            "PUT",
            "/" + RequestSigner.encode("test$file.text", true),
            Map.of(),
            Map.of(
                "date", "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-storage-class", "REDUCED_REDUNDANCY"),
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");

    assertThat(signature(request))
        .isEqualTo("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  }

  @Test
  void signsTheTokenOfTemporaryCredentials() {
    RequestSigner signer =
        new RequestSigner(new Credentials("id", "secret", Optional.of("token")), "eu-west-1");

    assertThat(signer.sign(request("GET", "/", Map.of(), Map.of(), RequestSigner.NO_CONTENT), TIME))
        .containsEntry("x-amz-security-token", "token")
        .hasEntrySatisfying(
            "authorization",
            header -> assertThat(header).contains("x-amz-date;x-amz-security-token,"));
  }

  @Test
  void encodesEveryByteButThePlainOnes() {
    assertThat(RequestSigner.encode("a b/c+ä~", true)).isEqualTo("a%20b/c%2B%C3%A4~");
    assertThat(RequestSigner.encode("a/b", false)).isEqualTo("a%2Fb");
  }
}
