/**
 * Native libraries that are too large for every installation: fetched from a Maven repository when
 * a backend first needs them or by {@code etalon backends install}, checked against the SHA-256
 * that the project pins, unpacked, and used without network from then on. Start at {@link
 * LibraryStore}.
 */
@NullMarked
package org.etalon.backends.libraries;

import org.jspecify.annotations.NullMarked;
