@NullMarked
package org.etalon.backends.torch;

import org.jspecify.annotations.NullMarked;
