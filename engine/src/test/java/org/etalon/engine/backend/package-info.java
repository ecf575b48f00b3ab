@NullMarked
package org.etalon.engine.backend;

import org.jspecify.annotations.NullMarked;
