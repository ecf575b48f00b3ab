@NullMarked
package org.etalon.engine.config;

import org.jspecify.annotations.NullMarked;
