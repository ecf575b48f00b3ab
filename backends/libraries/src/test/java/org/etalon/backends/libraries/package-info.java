@NullMarked
package org.etalon.backends.libraries;

import org.jspecify.annotations.NullMarked;
