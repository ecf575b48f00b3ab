@NullMarked
package org.etalon.objectstore;

import org.jspecify.annotations.NullMarked;
