/** Tests that what lies in {@code examples/} is what it says, with the engine in this process. */
@NullMarked
package org.etalon.examples;

import org.jspecify.annotations.NullMarked;
