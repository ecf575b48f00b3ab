/** Streams over the network to real servers that go away. */
@NullMarked
package org.etalon.streams;

import org.jspecify.annotations.NullMarked;
