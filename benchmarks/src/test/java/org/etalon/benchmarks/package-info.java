@NullMarked
package org.etalon.benchmarks;

import org.jspecify.annotations.NullMarked;
