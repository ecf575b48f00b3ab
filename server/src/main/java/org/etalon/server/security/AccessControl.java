package org.etalon.server.security;

import org.etalon.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Decides whether an asker may do what it asks for. Thread-safe. */
public interface AccessControl {
  /**
   * Everybody may do everything: for a server that only this machine, or a trusted net, reaches.
   */
  static AccessControl open() {
    return OpenAccess.INSTANCE;
  }

  /**
   * True if {@link #check} of the same credentials answers without waiting for anything; else it is
   * to be called on a thread that may block.
   *
   * @param authorization the {@code authorization} header, if there is one
   */
  boolean isImmediate(@Nullable String authorization);

  /**
   * Finds out who the asker is, which may wait; {@link #check} of the same credentials is immediate
   * from then on. Returns where there are none.
   *
   * @param authorization the {@code authorization} header, if there is one
   * @throws ServingException UNAUTHENTICATED if they are not valid
   */
  void authenticate(@Nullable String authorization);

  /**
   * Returns if the asker has the right.
   *
   * @param authorization the {@code authorization} header, if there is one
   * @param model the model that is asked about; null where it is all of them or none
   * @throws ServingException UNAUTHENTICATED without valid credentials, PERMISSION_DENIED if those
   *     given do not suffice
   */
  void check(@Nullable String authorization, Right right, @Nullable String model);
}
