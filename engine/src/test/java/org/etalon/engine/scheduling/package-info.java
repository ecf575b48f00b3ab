@NullMarked
package org.etalon.engine.scheduling;

import org.jspecify.annotations.NullMarked;
