@NullMarked
package org.etalon.backends.python;

import org.jspecify.annotations.NullMarked;
