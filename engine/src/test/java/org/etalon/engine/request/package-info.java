@NullMarked
package org.etalon.engine.request;

import org.jspecify.annotations.NullMarked;
