package org.etalon.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.etalon.inference.ErrorCode;
import org.etalon.inference.ServingException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenAccessTest {
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

  private final TestTokens tokens = new TestTokens();
  private Instant now = START;
  @TempDir private Path folder;
  private TokenAccess access;

  @BeforeEach
  void open() throws IOException {
    access = new TokenAccess(AccessConfig.read(tokens.writeConfig(folder)), () -> now);
  }

  private String bearer(String scope) {
    return tokens.bearer(TestTokens.claims(START, scope).build());
  }

  private static void refuses(ErrorCode code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(text);
  }

  private void allows(String authorization, Right right, String model) {
    assertThatCode(() -> access.check(authorization, right, model)).doesNotThrowAnyException();
  }

  @Test
  void allowsHealthWithoutAToken() {
    assertThatCode(() -> access.check(null, Right.HEALTH, "bbh")).doesNotThrowAnyException();
    assertThat(access.isImmediate(null)).isTrue();
  }

  @Test
  void asksForATokenForEverythingElse() {
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "no bearer token (expected: 'authorization: Bearer TOKEN' that allows 'infer')",
        () -> access.check(null, Right.INFER, "bbh"));
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "no bearer token",
        () -> access.check("Basic dTpw", Right.READ, null));
  }

  @Test
  void allowsWhatAScopeSaysForEveryModel() {
    String bearer = bearer("openid etalon.infer");
    allows(bearer, Right.INFER, "bbh");
    allows(bearer, Right.READ, "mlp");
    refuses(
        ErrorCode.PERMISSION_DENIED,
        "the token does not allow 'control' of model 'bbh'",
        () -> access.check(bearer, Right.CONTROL, "bbh"));
  }

  @Test
  void narrowsAScopeWithAPathToThatModel() {
    String bearer = bearer("etalon.infer:/bbh etalon.read:/");
    allows(bearer, Right.INFER, "bbh");
    allows(bearer, Right.READ, "mlp");
    refuses(
        ErrorCode.PERMISSION_DENIED,
        "'infer' of model 'bbh2'",
        () -> access.check(bearer, Right.INFER, "bbh2"));
  }

  @Test
  void remembersATokenUntilItEnds() {
    String bearer = bearer("etalon.read");
    assertThat(access.isImmediate(bearer)).isFalse();
    allows(bearer, Right.READ, "bbh");
    assertThat(access.isImmediate(bearer)).isTrue();
    now = START.plusSeconds(3601);
    assertThat(access.isImmediate(bearer)).isFalse();
    now = START.plusSeconds(3700);
    refuses(
        ErrorCode.UNAUTHENTICATED, "Expired JWT", () -> access.check(bearer, Right.READ, "bbh"));
  }

  @Test
  void refusesATokenThatIsNotYetValid() {
    now = START.minusSeconds(600);
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "JWT before use time",
        () -> access.check(bearer("etalon.read"), Right.READ, null));
  }

  @Test
  void refusesTokensForOthersAndByOthers() {
    JWTClaimsSet.Builder claims = TestTokens.claims(START, "etalon.read");
    String elsewhere = tokens.bearer(claims.audience("https://other.example.org").build());
    refuses(ErrorCode.UNAUTHENTICATED, "aud", () -> access.check(elsewhere, Right.READ, null));
    String unknown = tokens.bearer(claims.issuer("https://unknown.example.org").build());
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "issuer 'https://unknown.example.org' (expected: one of [https://issuer.example.org])",
        () -> access.check(unknown, Right.READ, null));
  }

  @Test
  void refusesASignatureByAnotherKeyAndNone() {
    String forged = new TestTokens().bearer(TestTokens.claims(START, "etalon.control").build());
    refuses(
        ErrorCode.UNAUTHENTICATED, "signature", () -> access.check(forged, Right.CONTROL, null));
    String unsigned =
        "Bearer " + new PlainJWT(TestTokens.claims(START, "etalon.control").build()).serialize();
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "not a signed JSON Web Token",
        () -> access.check(unsigned, Right.CONTROL, null));
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "not a signed JSON Web Token",
        () -> access.check("Bearer rubbish", Right.CONTROL, null));
    refuses(
        ErrorCode.UNAUTHENTICATED,
        "20000 characters",
        () -> access.check("Bearer " + "x".repeat(20_000), Right.CONTROL, null));
  }
}
