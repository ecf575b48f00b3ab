@NullMarked
package org.etalon.engine.jar;

import org.jspecify.annotations.NullMarked;
