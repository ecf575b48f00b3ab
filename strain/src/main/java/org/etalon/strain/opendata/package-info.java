/**
 * Public strain from the Gravitational-Wave Open Science Center (GWOSC). Start at {@link OpenData}.
 *
 * <p>An event or a span of GPS time becomes a list of local files: asked for over GWOSC's public
 * API, downloaded once into a cache folder, and checked each time they are used. Reading the files
 * is not done here.
 *
 * @see <a href="https://gwosc.org/apidocs">GWOSC public API</a>
 */
@NullMarked
package org.etalon.strain.opendata;

import org.jspecify.annotations.NullMarked;
