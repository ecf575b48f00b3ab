package org.etalon.server.security;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a front needs to be spoken to under TLS, all in PEM.
 *
 * @param certificates the server's certificate and those between it and a root, in this order
 * @param key its private key, PKCS#8, without a password
 * @param clientRoots whose certificates clients must show; empty: clients show none
 */
public record TlsFiles(Path certificates, Path key, Optional<Path> clientRoots) {
  public TlsFiles {
    List<String> faults = new ArrayList<>(0);
    require("certificate", certificates, faults);
    require("key", key, faults);
    clientRoots.ifPresent(roots -> require("client roots", roots, faults));
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  private static void require(String what, Path file, List<String> faults) {
    if (!Files.isReadable(file)) {
      faults.add("TLS %s: %s (expected: a file that can be read)".formatted(what, file));
    }
  }
}
