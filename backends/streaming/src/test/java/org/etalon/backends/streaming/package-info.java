@NullMarked
package org.etalon.backends.streaming;

import org.jspecify.annotations.NullMarked;
