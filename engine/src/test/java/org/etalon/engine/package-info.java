@NullMarked
package org.etalon.engine;

import org.jspecify.annotations.NullMarked;
