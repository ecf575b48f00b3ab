@NullMarked
package org.etalon.server.observation;

import org.jspecify.annotations.NullMarked;
