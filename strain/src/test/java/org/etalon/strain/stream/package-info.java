@NullMarked
package org.etalon.strain.stream;

import org.jspecify.annotations.NullMarked;
