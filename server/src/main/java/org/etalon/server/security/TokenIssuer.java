package org.etalon.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Date;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Checks the tokens of one issuer: signature, issuer, audience, times. Thread-safe; may wait for
 * the issuer's keys, which are fetched at first use, kept, and fetched again for an unknown key.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc7519">RFC 7519, JSON Web Token</a>
 * @see <a href="https://scitokens.org/technical_docs/Claims">SciTokens: claims and scopes</a>
 */
final class TokenIssuer {
  private static final int FETCH_MILLIS = 5_000;
  private static final int MAX_FETCHED_BYTES = 1 << 20;
  private static final int CLOCK_SKEW_SECONDS = 60;
  private static final String DISCOVERY = "/.well-known/openid-configuration";

  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512);

  /** What the scopes of an issuer mean that is given none of its own. */
  private static final Map<String, AccessConfig.ScopeGrant> DEFAULT_SCOPES =
      Map.of(
          "etalon.read", grant(EnumSet.of(Right.HEALTH, Right.READ)),
          "etalon.infer", grant(EnumSet.of(Right.HEALTH, Right.READ, Right.INFER)),
          "etalon.control", grant(EnumSet.allOf(Right.class)));

  private final AccessConfig.Issuer issuer;
  private final Set<String> audiences;
  private final InstantSource clock;
  private final DefaultResourceRetriever retriever =
      new DefaultResourceRetriever(FETCH_MILLIS, FETCH_MILLIS, MAX_FETCHED_BYTES);

  /** Null until the issuer's keys have been found; guarded by this. */
  private @Nullable DefaultJWTProcessor<SecurityContext> processor;

  TokenIssuer(AccessConfig.Issuer issuer, Set<String> audiences, InstantSource clock) {
    this.issuer = issuer;
    this.audiences = audiences;
    this.clock = clock;
  }

  private static AccessConfig.ScopeGrant grant(Set<Right> rights) {
    return new AccessConfig.ScopeGrant(rights, List.of("*"));
  }

  /**
   * Checks a token of this issuer.
   *
   * @throws ServingException UNAUTHENTICATED if it is not valid, UNAVAILABLE if the issuer's keys
   *     cannot be had
   */
  VerifiedToken verify(SignedJWT token) {
    try {
      JWTClaimsSet claims = processor().process(token, null);
      return new VerifiedToken(grants(claims), claims.getExpirationTime().toInstant());
    } catch (KeySourceException e) {
      throw unavailable(e);
    } catch (BadJOSEException | JOSEException e) {
      throw new ServingException(
          ErrorCode.UNAUTHENTICATED,
          "token of '%s': %s (expected: a valid one for %s)"
              .formatted(issuer.name(), e.getMessage(), audiences),
          e);
    }
  }

  private ServingException unavailable(Exception cause) {
    return new ServingException(
        ErrorCode.UNAVAILABLE,
        "the keys of token issuer '%s' cannot be had: %s"
            .formatted(issuer.name(), cause.getMessage()),
        cause);
  }

  private synchronized DefaultJWTProcessor<SecurityContext> processor() {
    DefaultJWTProcessor<SecurityContext> made = processor;
    if (made == null) {
      made = new DefaultJWTProcessor<>();
      // SciTokens of version 2 carry no other type than JWT, and WLCG's "at+jwt".
      made.setJWSTypeVerifier(new AccessTokenType());
      made.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys()));
      made.setJWTClaimsSetVerifier(claimsVerifier());
      processor = made;
    }
    return made;
  }

  private DefaultJWTClaimsVerifier<SecurityContext> claimsVerifier() {
    var exact = new JWTClaimsSet.Builder().issuer(issuer.name()).build();
    var verifier =
        new DefaultJWTClaimsVerifier<SecurityContext>(
            audiences, exact, Set.of("exp", "aud"), Set.of()) {
          @Override
          protected Date currentTime() {
            return Date.from(clock.instant());
          }
        };
    verifier.setMaxClockSkew(CLOCK_SKEW_SECONDS);
    return verifier;
  }

  private JWKSource<SecurityContext> keys() {
    try {
      String location = issuer.keys().isPresent() ? issuer.keys().get() : discovered();
      return location.contains("://")
          ? JWKSourceBuilder.<SecurityContext>create(url(location), retriever)
              .retrying(true)
              .build()
          : new ImmutableJWKSet<>(JWKSet.load(new File(location)));
    } catch (IOException | ParseException e) {
      throw unavailable(e);
    }
  }

  /** Where the issuer says its keys are (OpenID Connect Discovery 1.0, section 4). */
  private String discovered() throws IOException, ParseException {
    String document = retriever.retrieveResource(url(issuer.name() + DISCOVERY)).getContent();
    String keys = JSONObjectUtils.getString(JSONObjectUtils.parse(document), "jwks_uri");
    if (keys == null || !keys.startsWith("https://")) {
      throw new IOException("jwks_uri: %s (expected: an https address)".formatted(keys));
    }
    return keys;
  }

  private static URL url(String text) throws IOException {
    try {
      return URI.create(text).toURL();
    } catch (IllegalArgumentException e) {
      throw new IOException("'%s' (expected: an address)".formatted(text), e);
    }
  }

  private List<Grant> grants(JWTClaimsSet claims) {
    Map<String, AccessConfig.ScopeGrant> known =
        issuer.scopes().isEmpty() ? DEFAULT_SCOPES : issuer.scopes();
    return scopes(claims).stream()
        .filter(scope -> known.containsKey(operation(scope)))
        .map(scope -> grant(known.get(operation(scope)), scope))
        .toList();
  }

  private static Set<String> scopes(JWTClaimsSet claims) {
    Object scope = claims.getClaim("scope");
    Set<String> scopes = new LinkedHashSet<>();
    if (scope instanceof String text) {
      scopes.addAll(List.of(text.split(" +")));
    } else if (scope instanceof List<?> texts) {
      texts.forEach(text -> scopes.add(String.valueOf(text)));
    }
    return scopes;
  }

  private static String operation(String scope) {
    int colon = scope.indexOf(':');
    return colon < 0 ? scope : scope.substring(0, colon);
  }

  /** A scope's path, after the colon, narrows it to the model of that name. */
  private static Grant grant(AccessConfig.@Nullable ScopeGrant allowed, String scope) {
    if (allowed == null) {
      return new Grant(Set.of(), List.of(), false);
    }
    int colon = scope.indexOf(':');
    String path = colon < 0 ? "/" : scope.substring(colon + 1);
    Grant granted = Grant.ofModels(allowed.rights(), allowed.models());
    return path.equals("/")
        ? granted
        : granted.narrowedTo(path.substring(path.startsWith("/") ? 1 : 0));
  }
}
