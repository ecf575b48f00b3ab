package org.etalon.server.security;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a token that was found valid allows.
 *
 * @param expiry when it ends
 */
record VerifiedToken(List<Grant> grants, Instant expiry) {
  VerifiedToken {
    grants = List.copyOf(grants);
  }

  boolean allows(Right right, @Nullable String model) {
    for (Grant grant : grants) {
      if (grant.allows(right, model)) {
        return true;
      }
    }
    return false;
  }
}
