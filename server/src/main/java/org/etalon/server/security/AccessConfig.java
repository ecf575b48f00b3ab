package org.etalon.server.security;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.etalon.inference.NearestName;
import org.jspecify.annotations.Nullable;

/**
 * Whose tokens are taken, and what they allow.
 *
 * <p>Written as JSON:
 *
 * <pre>{@code
 * {
 *   "audiences": ["https://etalon.example.org"],
 *   "public": ["health"],
 *   "issuers": [
 *     {"issuer": "https://cilogon.org/igwn"},
 *     {"issuer": "https://issuer.example.org", "keys": "keys.json",
 *      "scopes": {"search.run": {"rights": ["read", "infer"], "models": ["bbh*"]}}}
 *   ]
 * }
 * }</pre>
 *
 * @param audiences of which a token must name one
 * @param open what needs no token
 * @param issuers by their {@code iss}, each once
 */
public record AccessConfig(Set<String> audiences, Set<Right> open, List<Issuer> issuers) {
  private static final Pattern OWN_MACHINE =
      Pattern.compile("http://(127\\.0\\.0\\.1|localhost)(:\\d+)?(/|$)");
  private static final List<String> KEYS = List.of("audiences", "issuers", "public");
  private static final List<String> ISSUER_KEYS = List.of("issuer", "keys", "scopes");
  private static final List<String> SCOPE_KEYS = List.of("models", "rights");

  public AccessConfig {
    audiences = Set.copyOf(audiences);
    open = Set.copyOf(open);
    issuers = List.copyOf(issuers);
  }

  /**
   * Who signs tokens.
   *
   * @param name the {@code iss} of its tokens
   * @param keys an https address or a file of its public keys, a JSON Web Key Set (RFC 7517);
   *     empty: where its {@code /.well-known/openid-configuration} says
   * @param scopes what its scopes allow; empty: {@code etalon.read}, {@code etalon.infer}, {@code
   *     etalon.control}
   */
  public record Issuer(String name, Optional<String> keys, Map<String, ScopeGrant> scopes) {
    public Issuer {
      scopes = Map.copyOf(scopes);
    }
  }

  /**
   * What a scope allows.
   *
   * @param models names, in which {@code *} stands for any text
   */
  public record ScopeGrant(Set<Right> rights, List<String> models) {
    public ScopeGrant {
      rights = Set.copyOf(rights);
      models = List.copyOf(models);
    }
  }

  /**
   * Reads a configuration.
   *
   * @throws IOException if the file cannot be read, or names every fault in it
   */
  public static AccessConfig read(Path file) throws IOException {
    Map<String, Object> document;
    try {
      document = JSONObjectUtils.parse(Files.readString(file));
    } catch (ParseException e) {
      throw new IOException("%s: %s (expected: a JSON object)".formatted(file, e.getMessage()), e);
    }
    Reader reader = new Reader(file);
    AccessConfig config = reader.config(document);
    if (!reader.faults.isEmpty()) {
      throw new IOException(file + ": " + String.join("; ", reader.faults));
    }
    return config;
  }

  /** Collects the faults of one file. */
  private static final class Reader {
    private final Path file;
    private final List<String> faults = new ArrayList<>();

    Reader(Path file) {
      this.file = file;
    }

    AccessConfig config(Map<String, Object> document) {
      known("", document, KEYS);
      Set<String> audiences = new TreeSet<>(texts("audiences", document.get("audiences")));
      if (audiences.isEmpty()) {
        faults.add(
            "audiences: none (expected: what tokens for this server name as their audience)");
      }
      Set<Right> open =
          document.containsKey("public")
              ? rights("public", document.get("public"))
              : EnumSet.of(Right.HEALTH);
      List<Issuer> issuers = new ArrayList<>();
      List<Object> written = list("issuers", document.get("issuers"));
      for (int i = 0; i < written.size(); i++) {
        issuers.add(issuer("issuers[%d]".formatted(i), written.get(i)));
      }
      if (issuers.isEmpty()) {
        faults.add("issuers: none (expected: at least one)");
      }
      if (issuers.stream().map(Issuer::name).distinct().count() < issuers.size()) {
        faults.add("issuers: one is named twice (expected: each once)");
      }
      return new AccessConfig(audiences, open, issuers);
    }

    private Issuer issuer(String path, @Nullable Object value) {
      Map<String, Object> fields = object(path, value);
      known(path + ".", fields, ISSUER_KEYS);
      String name = text(path + ".issuer", fields.get("issuer"));
      Optional<String> keys = Optional.empty();
      if (fields.containsKey("keys")) {
        keys = Optional.of(location(path + ".keys", text(path + ".keys", fields.get("keys"))));
      } else if (!name.isEmpty()) {
        location(path + ".issuer", name + "/");
      }
      Map<String, ScopeGrant> scopes = new TreeMap<>();
      if (fields.containsKey("scopes")) {
        object(path + ".scopes", fields.get("scopes"))
            .forEach((scope, grant) -> scopes.put(scope, grant(path + ".scopes." + scope, grant)));
      }
      return new Issuer(name, keys, scopes);
    }

    /** An address must be safe from meddling; a file is meant beside the configuration. */
    private String location(String path, String value) {
      if (value.startsWith("https://") || OWN_MACHINE.matcher(value).lookingAt()) {
        return value;
      }
      if (value.contains("://") || path.endsWith(".issuer")) {
        faults.add(
            "%s: '%s' (expected: an https address%s)"
                .formatted(path, value, path.endsWith(".keys") ? ", or a file" : ", or 'keys'"));
        return value;
      }
      Path keys = file.toAbsolutePath().resolveSibling(value);
      if (!Files.isReadable(keys)) {
        faults.add("%s: '%s' (expected: a file that can be read)".formatted(path, value));
      }
      return keys.toString();
    }

    private ScopeGrant grant(String path, @Nullable Object value) {
      Map<String, Object> fields = object(path, value);
      known(path + ".", fields, SCOPE_KEYS);
      List<String> models =
          fields.containsKey("models")
              ? texts(path + ".models", fields.get("models"))
              : List.of("*");
      return new ScopeGrant(rights(path + ".rights", fields.get("rights")), models);
    }

    private Set<Right> rights(String path, @Nullable Object value) {
      Set<Right> rights = EnumSet.noneOf(Right.class);
      for (String text : texts(path, value)) {
        Right.of(text)
            .ifPresentOrElse(
                rights::add,
                () ->
                    faults.add(
                        "%s: '%s' (expected: health, read, infer or control)"
                            .formatted(path, text)));
      }
      return rights;
    }

    private void known(String path, Map<String, Object> fields, Collection<String> keys) {
      for (String key : fields.keySet()) {
        if (!keys.contains(key)) {
          faults.add(
              "%s%s: unknown (expected: one of %s; nearest: '%s')"
                  .formatted(path, key, keys, NearestName.of(key, keys)));
        }
      }
    }

    private List<String> texts(String path, @Nullable Object value) {
      return list(path, value).stream().map(each -> text(path, each)).toList();
    }

    @SuppressWarnings("unchecked") // JSON's arrays
    private List<Object> list(String path, @Nullable Object value) {
      if (value instanceof List<?> values) {
        return (List<Object>) values;
      }
      if (value != null) {
        faults.add("%s: %s (expected: a list)".formatted(path, value));
      }
      return List.of();
    }

    @SuppressWarnings("unchecked") // JSON's objects
    private Map<String, Object> object(String path, @Nullable Object value) {
      if (value instanceof Map<?, ?> values) {
        return (Map<String, Object>) values;
      }
      faults.add("%s: %s (expected: an object)".formatted(path, value));
      return Map.of();
    }

    private String text(String path, @Nullable Object value) {
      if (value instanceof String text && !text.isBlank()) {
        return text;
      }
      faults.add("%s: %s (expected: a text)".formatted(path, value));
      return "";
    }
  }
}
