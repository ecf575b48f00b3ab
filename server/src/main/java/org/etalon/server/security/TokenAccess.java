package org.etalon.server.security;

import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a bearer token (RFC 6750) signed by a known issuer. Thread-safe.
 *
 * <p>A token found valid is remembered until it ends, so that only the first request with it pays
 * for the signature.
 */
public final class TokenAccess implements AccessControl {
  private static final String SCHEME = "Bearer ";
  private static final int MAX_REMEMBERED = 4096;
  private static final int MAX_TOKEN_CHARS = 16 << 10;

  private final Set<Right> open;
  private final Map<String, TokenIssuer> issuers = new HashMap<>();
  private final InstantSource clock;

  /** By the token's text, least recently used first; guarded by itself. */
  private final Map<String, VerifiedToken> remembered =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, VerifiedToken> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  public TokenAccess(AccessConfig config, InstantSource clock) {
    this.open = config.open();
    this.clock = clock;
    for (AccessConfig.Issuer issuer : config.issuers()) {
      issuers.put(issuer.name(), new TokenIssuer(issuer, config.audiences(), clock));
    }
  }

  @Override
  public boolean isImmediate(@Nullable String authorization) {
    String token = token(authorization);
    return token == null || remembered(token) != null;
  }

  @Override
  public void authenticate(@Nullable String authorization) {
    String token = token(authorization);
    if (token != null && remembered(token) == null) {
      var _ = verify(token);
    }
  }

  @Override
  public void check(@Nullable String authorization, Right right, @Nullable String model) {
    if (open.contains(right)) {
      return;
    }
    String token = token(authorization);
    if (token == null) {
      throw new ServingException(
          ErrorCode.UNAUTHENTICATED,
          "no bearer token (expected: 'authorization: Bearer TOKEN' that allows '%s')"
              .formatted(right.text()));
    }
    VerifiedToken known = remembered(token);
    VerifiedToken verified = known == null ? verify(token) : known;
    if (!verified.allows(right, model)) {
      throw new ServingException(
          ErrorCode.PERMISSION_DENIED,
          model == null
              ? "the token does not allow '%s' (expected: a scope that does)"
                  .formatted(right.text())
              : "the token does not allow '%s' of model '%s' (expected: a scope that does)"
                  .formatted(right.text(), model));
    }
  }

  private static @Nullable String token(@Nullable String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? authorization.substring(SCHEME.length()).strip()
        : null;
  }

  private @Nullable VerifiedToken remembered(String token) {
    synchronized (remembered) {
      VerifiedToken known = remembered.get(token);
      if (known == null || known.expiry().isAfter(clock.instant())) {
        return known;
      }
      remembered.remove(token);
      return null;
    }
  }

  private VerifiedToken verify(String text) {
    if (text.length() > MAX_TOKEN_CHARS) {
      throw invalid(
          "%d characters (expected: at most %d)".formatted(text.length(), MAX_TOKEN_CHARS), null);
    }
    SignedJWT token;
    String name;
    try {
      token = SignedJWT.parse(text);
      name = token.getJWTClaimsSet().getIssuer();
    } catch (ParseException e) {
      throw invalid("not a signed JSON Web Token: " + e.getMessage(), e);
    }
    TokenIssuer issuer = name == null ? null : issuers.get(name);
    if (issuer == null) {
      throw invalid("issuer '%s' (expected: one of %s)".formatted(name, issuers.keySet()), null);
    }
    VerifiedToken verified = issuer.verify(token);
    synchronized (remembered) {
      remembered.put(text, verified);
    }
    return verified;
  }

  private static ServingException invalid(String why, @Nullable Exception cause) {
    return new ServingException(ErrorCode.UNAUTHENTICATED, "bearer token: " + why, cause);
  }
}
