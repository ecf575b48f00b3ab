/** Models that are Java themselves: a jar in the version's folder. Start at {@link JarBackend}. */
@NullMarked
package org.etalon.engine.jar;

import org.jspecify.annotations.NullMarked;
