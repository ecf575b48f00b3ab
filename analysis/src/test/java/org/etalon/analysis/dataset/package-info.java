@NullMarked
package org.etalon.analysis.dataset;

import org.jspecify.annotations.NullMarked;
