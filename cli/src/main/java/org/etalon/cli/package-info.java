/**
 * The {@code etalon} command: {@link org.etalon.cli.Main} parses, and each command wires by hand
 * what it needs of the modules below.
 */
@NullMarked
package org.etalon.cli;

import org.jspecify.annotations.NullMarked;
