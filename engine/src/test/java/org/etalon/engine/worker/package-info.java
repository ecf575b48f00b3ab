@NullMarked
package org.etalon.engine.worker;

import org.jspecify.annotations.NullMarked;
