@NullMarked
package org.etalon.analysis.simulation;

import org.jspecify.annotations.NullMarked;
