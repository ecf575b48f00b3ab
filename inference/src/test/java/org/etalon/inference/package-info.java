@NullMarked
package org.etalon.inference;

import org.jspecify.annotations.NullMarked;
