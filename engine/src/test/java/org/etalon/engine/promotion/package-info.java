@NullMarked
package org.etalon.engine.promotion;

import org.jspecify.annotations.NullMarked;
