@NullMarked
package org.etalon.backends.pjrt;

import org.jspecify.annotations.NullMarked;
