/** How a request to the engine is answered, and given up. */
@NullMarked
package org.etalon.engine.request;

import org.jspecify.annotations.NullMarked;
