package org.etalon.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;

/** An issuer of tokens with a key of its own. */
public final class TestTokens {
  public static final String ISSUER = "https://issuer.example.org";
  public static final String AUDIENCE = "https://etalon.example.org";

  private final ECKey key;

  public TestTokens() {
    try {
      key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes the public key to {@code keys.json}, and a configuration beside it. */
  public Path writeConfig(Path folder) throws IOException {
    Files.writeString(folder.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    return Files.writeString(
        folder.resolve("access.json"),
        """
        {"audiences": ["%s"], "issuers": [{"issuer": "%s", "keys": "keys.json"}]}
        """
            .formatted(AUDIENCE, ISSUER));
  }

  /** Claims of this issuer that are valid at that time for an hour. */
  public static JWTClaimsSet.Builder claims(Instant now, String scope) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .claim("scope", scope)
        .notBeforeTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(3600)));
  }

  /** The header of a request with such a token. */
  public String bearer(JWTClaimsSet claims) {
    try {
      var token =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k1").build(), claims);
      token.sign(new ECDSASigner(key));
      return "Bearer " + token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }
}
