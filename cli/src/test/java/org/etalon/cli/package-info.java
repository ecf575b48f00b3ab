@NullMarked
package org.etalon.cli;

import org.jspecify.annotations.NullMarked;
