package org.etalon.backends.libraries;

import java.util.Optional;

/** A backend whose native libraries are not part of the distribution. */
public interface OptionalLibraries {
  /** The libraries for this platform; empty if there are none for it. */
  Optional<LibrarySet> libraries();
}
