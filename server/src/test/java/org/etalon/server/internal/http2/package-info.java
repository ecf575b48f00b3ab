@NullMarked
package org.etalon.server.internal.http2;

import org.jspecify.annotations.NullMarked;
