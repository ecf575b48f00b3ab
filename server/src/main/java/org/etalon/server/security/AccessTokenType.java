package org.etalon.server.security;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.SecurityContext;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes the token types that issuers of access tokens write: none, JWT, at+jwt (RFC 9068). */
final class AccessTokenType implements JOSEObjectTypeVerifier<SecurityContext> {
  private static final Set<String> TYPES = Set.of("jwt", "at+jwt", "application/at+jwt");

  @Override
  public void verify(@Nullable JOSEObjectType type, @Nullable SecurityContext context)
      throws BadJOSEException {
    if (type != null && !TYPES.contains(type.getType().toLowerCase(Locale.ROOT))) {
      throw new BadJOSEException("type '%s' (expected: JWT)".formatted(type));
    }
  }
}
