@NullMarked
package org.etalon.backends.tensorflow;

import org.jspecify.annotations.NullMarked;
