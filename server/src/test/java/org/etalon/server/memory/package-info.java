@NullMarked
package org.etalon.server.memory;

import org.jspecify.annotations.NullMarked;
