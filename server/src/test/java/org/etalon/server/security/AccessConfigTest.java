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

  @Test
  void refusesWhatIsNotJson() {
    assertThatThrownBy(() -> read("audiences: a"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("access.json")
        .hasMessageContaining("expected: a JSON object");
  }
}
