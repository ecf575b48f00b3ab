package org.etalon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.etalon.server.security.AccessConfig;
import org.etalon.server.security.AccessControl;
import org.etalon.server.security.TestCertificates;
import org.etalon.server.security.TestTokens;
import org.etalon.server.security.TlsFiles;
import org.etalon.server.security.TokenAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, tokens and the bound on connections; the endpoints only echo. */
final class HttpSecurityTest {
  @TempDir private Path folder;

  private static HttpFront start(HttpConfig config, AccessControl access) throws IOException {
    Endpoint echo =
        (exchange, path) ->
            exchange.answer(Answer.json(path.modelName().getBytes(StandardCharsets.UTF_8)));
    var router =
        new Router(
            List.of(
                Route.post("v2/models/{model}/infer", echo),
                Route.get("v2/models/{model}/ready", echo),
                Route.slowPost("v2/repository/models/{model}/load", echo)),
            access);
    return HttpFront.start(config, router, ByteBufAllocator.DEFAULT);
  }

  private static HttpConfig config() {
    return HttpConfig.of("127.0.0.1", 0);
  }

  private static HttpResponse<String> send(
      HttpClient client, HttpFront front, String scheme, String path, Optional<String> bearer)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(
            URI.create("%s://127.0.0.1:%d/%s".formatted(scheme, front.address().getPort(), path)));
    bearer.ifPresent(text -> request.header("Authorization", text));
    if (path.endsWith("ready")) {
      request.GET();
    } else {
      request.POST(BodyPublishers.ofString("{}"));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpClient client(TestCertificates server, List<TestCertificates> own)
      throws GeneralSecurityException {
    return HttpClient.newBuilder().sslContext(server.trustedBy(own)).build();
  }

  @Test
  void speaksTls() throws Exception {
    var server = new TestCertificates(folder, "server");
    var tls = new TlsFiles(server.certificate(), server.key(), Optional.empty());
    try (HttpFront front = start(config().withTls(tls), AccessControl.open());
        HttpClient client = client(server, List.of())) {
      HttpResponse<String> answer =
          send(client, front, "https", "v2/models/bbh/ready", Optional.empty());
      assertThat(answer.body()).isEqualTo("bbh");
    }
  }

  @Test
  void asksClientsForCertificatesWhereRootsAreGiven() throws Exception {
    var server = new TestCertificates(folder, "server");
    var known = new TestCertificates(folder, "known");
    var tls = new TlsFiles(server.certificate(), server.key(), Optional.of(known.certificate()));
    try (HttpFront front = start(config().withTls(tls), AccessControl.open());
        HttpClient stranger = client(server, List.of());
        HttpClient friend = client(server, List.of(known))) {
      assertThatThrownBy(
              () -> send(stranger, front, "https", "v2/models/bbh/ready", Optional.empty()))
          .isInstanceOf(IOException.class);
      assertThat(send(friend, front, "https", "v2/models/bbh/ready", Optional.empty()).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void namesTheFileThatTlsCannotUse() throws Exception {
    var server = new TestCertificates(folder, "server");
    Path rubbish = Files.writeString(folder.resolve("rubbish.key"), "rubbish");
    var tls = new TlsFiles(server.certificate(), rubbish, Optional.empty());
    assertThatThrownBy(() -> start(config().withTls(tls), AccessControl.open()))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SSLException.class)
        .hasMessageContaining("rubbish.key")
        .hasMessageContaining("expected: a PEM certificate chain and its PKCS#8 key");
    assertThatThrownBy(() -> new TlsFiles(folder.resolve("absent"), rubbish, Optional.empty()))
        .hasMessageContaining("absent (expected: a file that can be read)");
  }

  @Test
  void answersByTheRightsOfTheToken() throws Exception {
    var tokens = new TestTokens();
    var access =
        new TokenAccess(AccessConfig.read(tokens.writeConfig(folder)), InstantSource.system());
    Optional<String> bearer =
        Optional.of(tokens.bearer(TestTokens.claims(Instant.now(), "etalon.infer:/bbh").build()));
    try (HttpFront front = start(config(), access);
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> nobody =
          send(client, front, "http", "v2/models/bbh/infer", Optional.empty());
      assertThat(nobody.statusCode()).isEqualTo(401);
      assertThat(nobody.headers().firstValue("www-authenticate")).contains("Bearer");
      assertThat(send(client, front, "http", "v2/models/bbh/ready", Optional.empty()).statusCode())
          .isEqualTo(200);
      for (int i = 0; i < 2; i++) {
        assertThat(send(client, front, "http", "v2/models/bbh/infer", bearer).body())
            .isEqualTo("bbh");
      }
      assertThat(send(client, front, "http", "v2/models/mlp/infer", bearer).statusCode())
          .isEqualTo(403);
      assertThat(send(client, front, "http", "v2/repository/models/bbh/load", bearer).statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void refusesOneConnectionTooMany() throws Exception {
    try (HttpFront front = start(config().withMaxConnections(1), AccessControl.open());
        RawClient first = new RawClient(front.address().getPort())) {
      String request = "GET /v2/models/bbh/ready HTTP/1.1\r\nHost: x\r\n\r\n";
      first.send(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(first.read().status()).isEqualTo(200);
      try (RawClient second = new RawClient(front.address().getPort())) {
        assertThat(second.read().status()).isEqualTo(503);
      }
      first.send(request.getBytes(StandardCharsets.US_ASCII));
      assertThat(first.read().status()).isEqualTo(200);
    }
  }
}
