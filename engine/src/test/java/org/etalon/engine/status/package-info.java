@NullMarked
package org.etalon.engine.status;

import org.jspecify.annotations.NullMarked;
