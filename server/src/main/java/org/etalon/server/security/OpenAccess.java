package org.etalon.server.security;

import org.jspecify.annotations.Nullable;

/** Nobody is asked for anything. */
enum OpenAccess implements AccessControl {
  INSTANCE;

  @Override
  public boolean isImmediate(@Nullable String authorization) {
    return true;
  }

  @Override
  public void authenticate(@Nullable String authorization) {}

  @Override
  public void check(@Nullable String authorization, Right right, @Nullable String model) {}
}
