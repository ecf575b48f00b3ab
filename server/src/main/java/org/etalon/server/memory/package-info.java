/** Memory that clients share with the server: {@link org.etalon.server.memory.SharedRegions}. */
@NullMarked
package org.etalon.server.memory;

import org.jspecify.annotations.NullMarked;
