@NullMarked
package org.etalon.server.internal;

import org.jspecify.annotations.NullMarked;
