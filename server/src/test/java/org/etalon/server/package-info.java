@NullMarked
package org.etalon.server;

import org.jspecify.annotations.NullMarked;
