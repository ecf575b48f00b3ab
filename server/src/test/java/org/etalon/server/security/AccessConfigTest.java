package org.etalon.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccessConfigTest {
  @TempDir private Path folder;

  private AccessConfig read(String text) throws IOException {
    return AccessConfig.read(Files.writeString(folder.resolve("access.json"), text));
  }

  @Test
  void readsIssuersWithScopesOfTheirOwn() throws IOException {
    AccessConfig config =
        read(
            """
            {"audiences": ["a", "ANY"], "public": ["health", "read"], "issuers": [
              {"issuer": "https://one.example.org",
               "scopes": {"search.run": {"rights": ["infer"], "models": ["bbh*"]}}}]}
            """);
    assertThat(config.audiences()).containsExactlyInAnyOrder("a", "ANY");
    assertThat(config.open()).containsExactlyInAnyOrder(Right.HEALTH, Right.READ);
    AccessConfig.Issuer issuer = config.issuers().getFirst();
    assertThat(issuer.keys()).isEmpty();
    assertThat(issuer.scopes())
        .containsEntry(
            "search.run", new AccessConfig.ScopeGrant(Set.of(Right.INFER), List.of("bbh*")));
  }

  @Test
  void namesEveryFaultAtOnce() {
    assertThatThrownBy(() ->
            read(
                """
                {"audience": ["a"], "public": ["helth"], "issuers": [
                  {"issuer": "http://one.example.org"},
                  {"issuer": "https://two.example.org", "keys": "absent.json",
                   "scopes": {"s": {"rights": "infer"}}}]}
                """))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("audience: unknown (expected: one of [audiences, issuers, public]")
        .hasMessageContaining("audiences: none")
        .hasMessageContaining("public: 'helth' (expected: health, read, infer or control)")
        .hasMessageContaining("issuers[0].issuer: 'http://one.example.org/' (expected: an https")
        .hasMessageContaining("issuers[1].keys: 'absent.json' (expected: a file that can be read)")
        .hasMessageContaining("issuers[1].scopes.s.rights: infer (expected: a list)");
  }

  /** Keys that travel in the clear may come from this machine only. */
  @ParameterizedTest
  @CsvSource({
    "https://issuer.example.org/keys,true",
    "http://127.0.0.1:8080/keys,true",
    "http://localhost/keys,true",
    "http://localhost.example.org/keys,false",
    "http://127.0.0.1.example.org/keys,false",
    "http://127.0.0.1@example.org/keys,false"
  })
  void takesKeysFromSafeAddresses(String keys, boolean isSafe) throws IOException {
    String text =
        "{\"audiences\": [\"a\"], \"issuers\": [{\"issuer\": \"i\", \"keys\": \"%s\"}]}"
            .formatted(keys);
    if (isSafe) {
      assertThat(read(text).issuers().getFirst().keys()).contains(keys);
    } else {
      assertThatThrownBy(() -> read(text)).hasMessageContaining("expected: an https address");
    }
  }

  @Test
  void refusesWhatIsNotJson() {
    assertThatThrownBy(() -> read("audiences: a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("access.json")
        .hasMessageContaining("expected: a JSON object");
  }
}
