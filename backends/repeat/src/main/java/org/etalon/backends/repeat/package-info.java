/**
 * A decoupled model of a few lines, to try clients with and to copy: it gives back the elements of
 * its input one by one. Found by {@link java.util.ServiceLoader}; starts at {@link
 * org.etalon.backends.repeat.RepeatBackend}.
 */
@NullMarked
package org.etalon.backends.repeat;

import org.jspecify.annotations.NullMarked;
