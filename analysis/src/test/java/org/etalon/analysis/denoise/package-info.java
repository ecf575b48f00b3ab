@NullMarked
package org.etalon.analysis.denoise;

import org.jspecify.annotations.NullMarked;
